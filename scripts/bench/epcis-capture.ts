/** Documents of 500 events captured, in JSON-LD and in XML, beside as many hops that say the same, over HTTP. */
import type { Client } from '../api.ts';
import { freshDatabase } from '../fresh-database.ts';
import {
  atRest,
  type BenchOptions,
  inParallel,
  issueUnits,
  makeMaker,
  type Row,
  startService,
  unitsOf,
} from './harness.ts';

const eventsADocument = 500;
const documents = 60;
const requestsAtOnce = 4;
const units = 10_000;

/** One event of an inspection as each door takes it; `n` tells it apart. */
const doors = {
  hops: (epc: string, n: number) =>
    JSON.stringify({ hop: 'inspect', ref: `H-${n}`, time: timeOf(n), epcs: [epc], outcome: 'conformant' }),
  json: (epc: string, n: number) =>
    JSON.stringify({
      type: 'ObjectEvent',
      eventTime: timeOf(n),
      eventTimeZoneOffset: '+08:00',
      epcList: [`https://id.gs1.org/${epc}`],
      action: 'OBSERVE',
      bizStep: 'inspecting',
      disposition: 'conformant',
      'acme:ref': `J-${n}`,
    }),
  xml: (epc: string, n: number) =>
    `<ObjectEvent><eventTime>${timeOf(n)}</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
<epcList><epc>https://id.gs1.org/${epc}</epc></epcList><action>OBSERVE</action>
<bizStep>urn:epcglobal:cbv:bizstep:inspecting</bizStep>
<disposition>urn:epcglobal:cbv:disp:conformant</disposition><acme:ref>X-${n}</acme:ref></ObjectEvent>`,
} as const;
type Door = keyof typeof doors;

const start = Date.parse('2026-01-01T00:00:00Z');
const timeOf = (n: number): string => new Date(start + n).toISOString();

const acme = 'https://ns.acme.example/epcis/';
const bodyOf: Readonly<Record<Door, (events: readonly string[]) => string>> = {
  hops: (events) => `{"hops":[${events.join()}]}`,
  json: (events) =>
    `{"@context":[{"acme":"${acme}"}],"type":"EPCISDocument","schemaVersion":"2.0",
"creationDate":"2026-01-01T00:00:00Z","epcisBody":{"eventList":[${events.join()}]}}`,
  xml: (events) =>
    `<?xml version="1.0" encoding="UTF-8"?><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:acme="${acme}"
schemaVersion="2.0" creationDate="2026-01-01T00:00:00Z"><EPCISBody><EventList>${events.join('\n')}</EventList></EPCISBody>
</epcis:EPCISDocument>`,
};
const types: Readonly<Record<Door, string>> = {
  hops: 'application/json',
  json: 'application/ld+json',
  xml: 'application/xml',
};

export async function capturing(options: Pick<BenchOptions, 'adminUrl'>): Promise<Row[]> {
  const service = await startService(await freshDatabase(options.adminUrl, 'suyuan_bench_capture'));
  try {
    const maker = await makeMaker(service);
    await issueUnits(maker, 'BENCH', units);
    const epcs = await unitsOf(service.database);
    const measured = async (door: Door, from: number): Promise<number> => {
      await atRest(service);
      return rateOf(maker.client, door, epcs, from);
    };
    // What has not been compiled yet is slow at every door.
    for (const door of ['hops', 'json', 'xml'] as const) await measured(door, 0);
    const hops = await measured('hops', 1);
    const json = await measured('json', 1);
    const xml = await measured('xml', 1);
    const row = (what: string, value: number, least: number): Row => ({
      measure: `capture of documents of ${eventsADocument} EPCIS events in ${what}`,
      value,
      unit: 'events/s',
      limit: { what: 'the same as hops', value: hops },
      ratio: value / hops,
      target: `ratio ≥ ${least}`,
      met: value / hops >= least,
    });
    return [row('JSON-LD', json, 0.7), row('XML', xml, 0.35)];
  } finally {
    await service.stop();
  }
}

/** Events a second at a door, from the first body sent to the last receipt or finished job. */
async function rateOf(client: Client, door: Door, epcs: readonly string[], round: number): Promise<number> {
  const bodies = Array.from({ length: documents }, (_, document) =>
    bodyOf[door](
      Array.from({ length: eventsADocument }, (_, k) => {
        const n = (round * documents + document) * eventsADocument + k;
        return doors[door](epcs[n % epcs.length] ?? '', n);
      }),
    ),
  );
  const ended = await inParallel(documents, requestsAtOnce, async (i) => {
    const headers = {
      'content-type': types[door],
      'idempotency-key': `${door}-${round}-${i}`,
      prefer: 'wait=60',
    };
    const path = door === 'hops' ? '/v1/events' : '/epcis/v2/capture';
    const answer = await client.request<{ running?: boolean; success?: boolean }>(
      'POST',
      path,
      bodies[i],
      headers,
    );
    if (door !== 'hops' && (answer.running !== false || answer.success !== true))
      throw new Error(`a document was not captured: ${JSON.stringify(answer).slice(0, 500)}`);
  });
  return (documents * eventsADocument) / ((ended.at(-1) ?? 1) / 1000);
}
