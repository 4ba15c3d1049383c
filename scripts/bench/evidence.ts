/** Evidence for a unit with twenty events out of an issue of ten thousand codes: making the file, and checking it alone. */
import { verify } from 'node:crypto';
import { checkEvidence } from '../../src/core/evidence/evidence-check.ts';
import { publicKeyOf } from '../../src/core/log/note.ts';
import { freshDatabase } from '../fresh-database.ts';
import {
  atRest,
  type BenchOptions,
  issueUnits,
  makeMaker,
  quantile,
  type Row,
  startService,
} from './harness.ts';

const events = 20;
const files = 200;
const warmUp = 50;

export async function bench(options: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_evidence'));
  try {
    const maker = await makeMaker(service);
    await issueUnits(maker, 'BENCH', 10_000);
    const { sql } = service.database;
    const units = await sql<{ epc: string }[]>`
      SELECT epc FROM epcs WHERE epc LIKE '01/%/21/%' ORDER BY unit LIMIT ${files}`;
    const hops = units.flatMap(({ epc }) =>
      Array.from({ length: events }, (_, i) => ({
        ...{ hop: i === 0 ? 'produce' : 'inspect', ref: `E-${i}`, epcs: [epc] },
        ...{ time: `2026-03-${String(i + 1).padStart(2, '0')}T10:30:00+08:00` },
        ...(i === 0 ? {} : { outcome: 'conformant' }),
      })),
    );
    for (let i = 0; i < hops.length; i += 500)
      await maker.client.post('/v1/events', { hops: hops.slice(i, i + 500) });
    await service.operator.post('/v1/log/heads', {});
    await atRest(service);
    const headers = { authorization: `Bearer ${await maker.client.token()}` };
    const made: number[] = [];
    const checked: number[] = [];
    let bytes = 0;
    for (let i = 0; i < files + warmUp; i++) {
      const { epc = '' } = units[i % units.length] ?? {};
      let started = performance.now();
      const response = await fetch(
        `${service.url}/v1/units/${maker.gtin}/${epc.split('/').at(-1)}/evidence`,
        { headers },
      );
      const file = await response.text();
      const took = performance.now() - started;
      started = performance.now();
      const outcome = await checkEvidence(file, {
        verify: (publicKey, message, signature) =>
          verify(null, Buffer.from(message), publicKeyOf({ publicKey }), signature),
      });
      if (!outcome.ok) throw new Error(`${response.status} ${JSON.stringify(outcome.flaws)}`);
      if (outcome.value.completeness?.counts.get(epc) !== events + 1) throw new Error('not proven whole');
      // The first ones warm both up.
      if (i < warmUp) continue;
      made.push(took);
      checked.push(performance.now() - started);
      bytes = file.length;
    }
    const row = (measure: string, times: readonly number[], most: number): Row => ({
      measure,
      value: quantile(times, 0.5),
      unit: 'ms',
      target: `≤ ${most} ms`,
      met: quantile(times, 0.5) <= most,
    });
    return [
      row(`evidence of a unit with ${events} events, made and sent, median`, made, 50),
      row('the same checked offline, median', checked, 20),
      { measure: 'the same as a file', value: bytes / 1000, unit: 'KB', target: '—', met: null },
    ];
  } finally {
    await service.stop();
  }
}
