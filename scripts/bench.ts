/**
 * `npm run bench [-- issue|ingest|single|verify|trace|flow|audit|heads|evidence|source|proof|orders|epcis …] [--events N] [--units N] [--long]`: measures
 * each promise of performance beside its own limit in the same run, prints a table, and keeps it as
 * bench/result-<time>.json. DATABASE_URL names the PostgreSQL to use; without it an embedded one is started.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { bench as audit } from './bench/audit.ts';
import { bench as epcis } from './bench/epcis.ts';
import { bench as evidence } from './bench/evidence.ts';
import { bench as flow } from './bench/flow.ts';
import { type BenchOptions, openPostgres, type Row } from './bench/harness.ts';
import { bench as heads } from './bench/heads.ts';
import { bench as ingest } from './bench/ingest.ts';
import { bench as issue } from './bench/issue.ts';
import { bench as orders } from './bench/orders.ts';
import { bench as proof } from './bench/proof.ts';
import { bench as single } from './bench/single.ts';
import { bench as source } from './bench/source.ts';
import { bench as trace } from './bench/trace.ts';
import { bench as verify } from './bench/verify.ts';

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<Row[]>>> = {
  issue,
  ingest,
  single,
  verify,
  trace,
  flow,
  audit,
  heads,
  evidence,
  source,
  proof,
  epcis,
  orders,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean' }, events: { type: 'string' }, units: { type: 'string' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(
    `No bench is called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.\n`,
  );
  process.exit(2);
}
const postgres = await openPostgres();
const options: BenchOptions = {
  adminUrl: postgres.adminUrl,
  events: Number(values.events ?? (values.long ? 10_000_000 : 1_000_000)),
  units: Number(values.units ?? 1_000_000),
  orderUnits: Number(values.units ?? 50_000),
  productUnits: Number(values.units ?? 100_000),
};
const rows: Row[] = [];
try {
  for (const name of names) {
    process.stderr.write(`${name} …\n`);
    const found = (await benches[name]?.(options)) ?? [];
    rows.push(...found);
    for (const row of found) process.stderr.write(`  ${line(row)}\n`);
  }
} finally {
  await postgres.stop();
}
process.stdout.write(`${rows.map(line).join('\n')}\n`);
const at = new Date().toISOString();
await mkdir('bench', { recursive: true });
await writeFile(
  `bench/result-${at.replaceAll(/[:.]/g, '-')}.json`,
  `${JSON.stringify({ at, node: process.version, cpus: cpus().map(({ model }) => model), options: { events: options.events, units: options.units }, rows }, null, 2)}\n`,
);

function line(row: Row): string {
  const limit = row.limit ? `${row.limit.what}: ${round(row.limit.value)} ${row.unit}` : '—';
  const ratio = row.ratio === undefined ? '' : ` (ratio ${row.ratio.toFixed(2)})`;
  const verdict = row.met === null ? '' : row.met ? ' ✓' : ' ✗';
  return `| ${row.measure} | ${round(row.value)} ${row.unit}${ratio} | ${limit} | ${row.target}${verdict} |`;
}

function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
}
