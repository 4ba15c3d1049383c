/**
 * Orders over many units: how long until one by rule is told by verdicts, and how fast the things it is about, and those
 * downstream of a dealer, are written down. Half of the units were shipped to the dealer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../api.ts';
import { freshDatabase } from '../fresh-database.ts';
import {
  atRest,
  type BenchOptions,
  issueUnits,
  makeMaker,
  makeParty,
  type Row,
  startService,
  unitsOf,
} from './harness.ts';

const unitsAHop = 10_000;
const place = '414/0290000012343';
const effectMs = 1000;

export async function bench({ adminUrl, orderUnits }: BenchOptions): Promise<Row[]> {
  const service = await startService(await freshDatabase(adminUrl, 'suyuan_bench_orders'));
  try {
    const maker = await makeMaker(service);
    const dealer = await makeParty(service, '经销商', ['distributor']);
    await issueUnits(maker, 'ORDERS', orderUnits);
    const epcs = await unitsOf(service.database);
    let ref = 0;
    const hop = (name: string, day: string) => ({
      hop: name,
      ref: `O-${ref++}`,
      time: `2026-03-${day}T10:30:00+08:00`,
    });
    for (let at = 0; at < epcs.length; at += unitsAHop) {
      const some = epcs.slice(at, at + unitsAHop);
      const sent = some.slice(0, some.length / 2);
      await maker.client.post('/v1/events', {
        hops: [
          { ...hop('produce', '01'), as: 'manufacturer', lot: 'ORDERS', epcs: some },
          { ...hop('ship', '02'), as: 'manufacturer', place, epcs: sent, to: dealer.id, transfer: 'sale' },
        ],
      });
      await dealer.client.post('/v1/events', {
        hops: [{ ...hop('receive', '03'), place, epcs: sent, from: maker.id }],
      });
    }
    await service.database.sql`ANALYZE`;
    await atRest(service);
    const epc = epcs[0] ?? '';
    await verdictOf(service.url, epc);
    const rule = { products: [maker.gtin], produced: { from: '2026-03-01', until: '2026-03-31' } };
    const begun = performance.now();
    const recall = await order(maker.client, 'recall', rule);
    const verdict = await verdictOf(service.url, epc);
    const effect = performance.now() - begun;
    if (verdict !== 'blocked') throw new Error(`the verdict is ${verdict}`);
    const rolled = await rateOf(maker.client, recall);
    const downstream = await rateOf(
      maker.client,
      await order(maker.client, 'recall', { downstream: { party: dealer.id } }),
    );
    const count = epcs.length.toLocaleString('en-US');
    return [
      {
        measure: `recall by rule over ${count} units, until a verdict tells it`,
        value: effect,
        unit: 'ms',
        target: `≤ ${effectMs} ms`,
        met: effect <= effectMs,
      },
      row(`things of an order by rule written down, of ${count}`, rolled),
      row(`things downstream of a party written down, of ${count}`, downstream),
    ];
  } finally {
    await service.stop();
  }
}

const row = (measure: string, value: number): Row => ({
  measure,
  value,
  unit: 'units/s',
  target: 'measured',
  met: null,
});

async function order(client: Client, type: string, scope: object): Promise<string> {
  const { id } = await client.post<{ id: string }>('/v1/orders', {
    type,
    scope,
    ground: 'bench',
    number: '1',
    officer: 'bench',
    reason: 'bench',
    acknowledgeBy: '2099-01-01T00:00:00Z',
  });
  return id;
}

/** Things a second until the order's roll is complete. */
async function rateOf(client: Client, id: string): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const { roll } = await client.get<{ roll: { complete: boolean; things: number } | null }>(
      `/v1/orders/${id}`,
    );
    if (roll?.complete) return roll.things / ((performance.now() - begun) / 1000);
    await delay(50);
  }
}

async function verdictOf(url: string, code: string): Promise<string> {
  const response = await fetch(`${url}/v1/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const { verdict }: { verdict: string } = JSON.parse(await response.text());
  return verdict;
}
