/** Verification over 32 connections with a million units, beside a bare route that checks one signature and reads one row. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { freshDatabase } from '../fresh-database.ts';
import { type BenchOptions, issueUnits, makeMaker, type Row, startService } from './harness.ts';

const connections = 32;
const seconds = 10;
const codesUsed = 20_000;

export async function bench(options: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_verify'));
  try {
    const maker = await makeMaker(service);
    await issueUnits(maker, 'BENCH', options.units);
    const codes = await someCodes(service.url, await maker.client.token(), maker.gtin);
    const [key] = (await maker.client.get<{ items: { publicKey: { x: string } }[] }>('/v1/keys')).items;
    const bare = await startBare(service.databaseUrl, key?.publicKey.x ?? '');
    // In turns, so that a change of the machine's speed weighs on both.
    const rates: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    try {
      for (let round = 0; round < 4; round++) {
        rates.ours.push(await load(`${service.url}/v1/verify`, codes, round === 0 ? 3 : seconds));
        rates.bare.push(await load(`${bare.url}/verify`, codes, round === 0 ? 3 : seconds));
      }
    } finally {
      bare.stop();
    }
    const [ours, limit] = [median(rates.ours.slice(1)), median(rates.bare.slice(1))];
    return [
      {
        measure: `verify, ${connections} connections, ${options.units.toLocaleString('en-US')} units`,
        value: ours,
        unit: 'verifications/s',
        limit: { what: 'bare route, one signature check and one SELECT', value: limit },
        ratio: ours / limit,
        target: 'ratio ≥ 0.8',
        met: ours / limit >= 0.8,
      },
    ];
  } finally {
    await service.stop();
  }
}

async function load(url: string, codes: readonly string[], duration: number): Promise<number> {
  let n = 0;
  const result = await autocannon({
    url,
    connections,
    duration,
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => ({
          ...request,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ code: codes[n++ % codes.length] }),
        }),
      },
    ],
  });
  if (result.non2xx > 0) throw new Error(`${result.non2xx} verifications were refused`);
  return result['2xx'] / result.duration;
}

/** Codes from the start of the stream. */
async function someCodes(url: string, token: string, gtin: string): Promise<string[]> {
  const response = await fetch(`${url}/v1/batches/${gtin}/BENCH/codes`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' },
  });
  if (!response.ok || response.body === null) throw new Error(`codes answered ${response.status}`);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > codesUsed * 300) break;
  }
  return text
    .split('\n')
    .slice(0, -1)
    .slice(0, codesUsed)
    .map((line) => {
      const { code }: { code: string } = JSON.parse(line);
      return code;
    });
}

async function startBare(databaseUrl: string, x: string): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./bare-verify.js'))], {
    env: { ...process.env, DATABASE_URL: databaseUrl, PUBLIC_KEY: x },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
    child.once('exit', (code) => reject(new Error(`the bare route ended with code ${code}`)));
  });
  return { url, stop: () => void child.kill('SIGTERM') };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
