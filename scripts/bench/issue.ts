/** Issues a million codes and streams them out, beside bare Ed25519 signing on all cores. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { freshDatabase } from '../fresh-database.ts';
import { type BenchOptions, inParallel, issueUnits, makeMaker, type Row, startService } from './harness.ts';

const signAtOnce = 64;

export async function bench(options: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_issue'));
  try {
    const maker = await makeMaker(service);
    const started = performance.now();
    await issueUnits(maker, 'BENCH', options.units);
    const issued = performance.now() - started;
    const lines = await streamCodes(service.url, await maker.client.token(), maker.gtin);
    const total = performance.now() - started;
    if (lines !== options.units) throw new Error(`${lines} codes came for ${options.units} units`);
    const memory = await service.peakMemory();

    const { privateKey } = generateKeyPairSync('ed25519');
    const count = Math.min(options.units, 200_000);
    const message = Buffer.from('x'.repeat(90));
    const ended = await inParallel(
      count,
      signAtOnce,
      () =>
        new Promise((resolve, reject) =>
          sign(null, message, privateKey, (error) => (error ? reject(error) : resolve())),
        ),
    );
    const bare = count / ((ended.at(-1) ?? 1) / 1000);
    const perSecond = options.units / (total / 1000);
    return [
      {
        measure: `issue and stream ${options.units.toLocaleString('en-US')} codes (issuing alone ${(issued / 1000).toFixed(1)} s)`,
        value: perSecond,
        unit: 'codes/s',
        limit: { what: 'bare Ed25519 signing, all cores', value: bare },
        ratio: perSecond / bare,
        target: 'ratio ≥ 0.5',
        met: perSecond / bare >= 0.5,
      },
      {
        measure: 'issue and stream, peak resident memory',
        value: memory / 1e6,
        unit: 'MB',
        target: '≤ 400 MB',
        met: memory <= 400e6,
      },
    ];
  } finally {
    await service.stop();
  }
}

/** Counts the lines of the NDJSON stream. */
async function streamCodes(url: string, token: string, gtin: string): Promise<number> {
  const response = await fetch(`${url}/v1/batches/${gtin}/BENCH/codes`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' },
  });
  if (!response.ok || response.body === null) throw new Error(`codes answered ${response.status}`);
  let lines = 0;
  for await (const chunk of response.body) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, end + 1)) lines++;
  }
  return lines;
}
