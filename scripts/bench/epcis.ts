/**
 * EPCIS events of others: how fast they are named by their hash, and captured. Then queries among a million events, over HTTP, one
 * after the other: those of one EPC, and a time window of a thousand.
 */

import { eventHash } from '../../src/core/events/event-hash.ts';
import type { JsonObject } from '../../src/core/text/canonical.ts';
import type { Sql } from '../../src/database/connection.ts';
import type { Client } from '../api.ts';
import { freshDatabase } from '../fresh-database.ts';
import { capturing } from './epcis-capture.ts';
import {
  atRest,
  type BenchOptions,
  bar,
  inParallel,
  issueUnits,
  type Maker,
  makeMaker,
  quantile,
  type Row,
  startService,
  unitsOf,
} from './harness.ts';

const hashes = 100_000;
const hopsARequest = 500;
const requestsAtOnce = 8;
const units = 50_000;
const windowEvents = 1_000;
const queries = 300;
const windows = 40;
/** The first ones are answered by code that has not been compiled yet. */
const warmUp = 500;
const start = Date.parse('2026-01-01T00:00:00Z');

export async function bench(options: BenchOptions): Promise<Row[]> {
  return [hashing(), ...(await capturing(options)), ...(await querying(options))];
}

function hashing(): Row {
  const events = Array.from({ length: 1_000 }, (_, i) => sent(i));
  for (const event of events) eventHash(event, 'sy.example');
  const before = process.cpuUsage();
  for (let i = 0; i < hashes; i++) eventHash(events[i % events.length] ?? {}, 'sy.example');
  // Time of the processor, not of the clock: others may be at work beside us.
  const { user, system } = process.cpuUsage(before);
  const rate = Math.round((hashes * 1_000_000) / (user + system));
  return {
    measure: 'CBV 2.0 event hash of EPCIS events as sent, a core',
    value: rate,
    unit: '/s',
    target: '≥ 20,000/s',
    met: rate >= 20_000,
  };
}

async function querying(options: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_epcis'));
  try {
    const maker = await makeMaker(service);
    await issueUnits(maker, 'BENCH', units);
    const epcs = await unitsOf(service.database);
    await record(maker, epcs, options.events);
    const { sql } = service.database;
    await sql`ANALYZE`;
    await atRest(service);
    const each = Math.floor(options.events / units);
    const asked = (i: number) => epcs[(i * 7919) % epcs.length] ?? '';
    const one = await timed(maker.client, queries, each, (i) => {
      const epc = encodeURIComponent(`https://id.gs1.org/${asked(i)}`);
      return `/epcis/v2/events?MATCH_epc=${epc}&perPage=1000`;
    });
    const bare = await bareTimes(sql, asked);
    const among = `among ${options.events.toLocaleString('en-US')} events`;
    const window = await timed(maker.client, windows, windowEvents, (i) => {
      const from = start + ((i * 7919) % Math.floor(options.events / windowEvents)) * windowEvents * 1000;
      const span = [from, from + windowEvents * 1000].map((it) => new Date(it).toISOString());
      return `/epcis/v2/events?perPage=${windowEvents}&GE_eventTime=${span[0]}&LT_eventTime=${span[1]}`;
    });
    return [
      {
        measure: `EPCIS query of one EPC with ${each} events, ${among}, p50`,
        value: quantile(one, 0.5),
        unit: 'ms',
        limit: { what: 'the same rows by a SELECT', value: quantile(bare, 0.5) },
        ratio: quantile(bare, 0.5) / quantile(one, 0.5),
        target: '≤ 5 ms',
        met: quantile(one, 0.5) <= 5,
      },
      {
        measure: 'EPCIS query of one EPC, p99',
        value: quantile(one, 0.99),
        unit: 'ms',
        target: 'reported',
        met: null,
      },
      {
        measure: `EPCIS query of a time window of 1,000 events, ${among}, p50`,
        value: quantile(window, 0.5),
        unit: 'ms',
        target: '≤ 60 ms',
        met: quantile(window, 0.5) <= 60,
      },
    ];
  } finally {
    await service.stop();
  }
}

/** An inspection a second, of one unit after the other. */
async function record({ client }: Maker, epcs: readonly string[], events: number): Promise<void> {
  const requests = Math.ceil(events / hopsARequest);
  const progress = bar('events', requests);
  let done = 0;
  await inParallel(requests, requestsAtOnce, async (request) => {
    const hops = Array.from({ length: hopsARequest }, (_, k) => {
      const n = request * hopsARequest + k;
      return {
        hop: 'inspect',
        ref: `Q-${n}`,
        time: new Date(start + n * 1000).toISOString(),
        epcs: [epcs[n % epcs.length]],
        outcome: 'conformant',
      };
    });
    await client.post('/v1/events', { hops });
    progress.update(++done);
  });
  progress.stop();
}

/** Milliseconds that queries took, each of which finds so many events. */
async function timed(
  client: Client,
  count: number,
  found: number,
  urlOf: (i: number) => string,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count + warmUp; i++) {
    const started = performance.now();
    const answer = await client.get<Answer>(urlOf(i));
    const took = performance.now() - started;
    const { length } = answer.epcisBody.queryResults.resultsBody.eventList;
    if (length !== found) throw new Error(`${length} events instead of ${found}`);
    if (i >= warmUp) times.push(took);
  }
  return times;
}

interface Answer {
  readonly epcisBody: {
    readonly queryResults: { readonly resultsBody: { readonly eventList: readonly unknown[] } };
  };
}

async function bareTimes(sql: Sql, epcOf: (i: number) => string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < queries + warmUp; i++) {
    const started = performance.now();
    await sql`
      SELECT f.payload FROM epcs e JOIN unit_chain c USING (unit) JOIN facts f USING (seq)
      WHERE e.epc = ${epcOf(i)}`;
    if (i >= warmUp) times.push(performance.now() - started);
  }
  return times;
}

/** A shipment as another system would send it, with its EPC URNs and words of its own. */
const sent = (i: number): JsonObject => ({
  '@context': [
    'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
    { acme: 'https://ns.acme.example/epcis/' },
  ],
  type: 'ObjectEvent',
  eventTime: '2025-07-01T10:30:00.000+08:00',
  eventTimeZoneOffset: '+08:00',
  epcList: [`urn:epc:id:sgtin:69012345.06789.${i}`, `https://id.gs1.org/01/06901234567892/21/B${i}`],
  action: 'OBSERVE',
  bizStep: 'shipping',
  disposition: 'in_transit',
  readPoint: { id: 'urn:epc:id:sgln:69012345.6789.0' },
  bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:6901234567892:${i}` }],
  sourceList: [{ type: 'possessing_party', source: 'urn:epc:id:pgln:69012345.6789' }],
  destinationList: [{ type: 'possessing_party', destination: 'https://id.gs1.org/417/6901234567892' }],
  'acme:line': i,
});
