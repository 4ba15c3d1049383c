/** What authorities and makers do in the demo: samples that pass and fail, a lot stopped from sale, a recall that is over. */
import { type Carton, type Chain, Outbox, on, type Unit } from './chain.ts';
import type { Cast, Maker } from './parties.ts';

export interface Measures {
  /** Of the lot that was stopped. */
  readonly blocked: Unit;
}

const officer = { ground: '产品质量法', officer: '王某' };
const week = 7 * 24 * 3_600_000;

export async function playAuthorities(cast: Cast, chain: Chain): Promise<Measures> {
  const [first] = cast.makers;
  const sold = new Set(chain.sales.flatMap(({ units }) => units));
  const pallets = chain.pallets.slice(0, -1);
  const inShops = pallets.flatMap(({ maker, cartons }) =>
    cartons.filter(({ units }) => !units.some((unit) => sold.has(unit))).map((carton) => ({ maker, carton })),
  );
  const failing = inShops.find(({ maker }) => maker !== first);
  const passing = inShops.find(({ maker }) => maker !== failing?.maker);
  const recalling = pallets.find(({ maker }) => maker !== first && maker !== failing?.maker)?.maker;
  const blocked = chain.sales.find(({ maker }) => maker === failing?.maker)?.units.at(-1);
  if (!failing || !passing || !recalling || !blocked)
    throw new Error('the demo is too small for its authorities');

  await sample(cast, passing.carton, 'conformant');
  const failed = await sample(cast, failing.carton, 'non-conformant');

  const acknowledgeBy = new Date(Date.now() + week).toISOString();
  const { regulator } = cast;
  // What the seller still has and gets of that product, and where it sold it to; then the lot, for everybody to see.
  await regulator.client.post('/v1/orders/after-failure', {
    ...{ ...officer, entry: failed, number: '市监抽〔2026〕1号', reason: '监督抽查不合格', acknowledgeBy },
  });
  await regulator.client.post('/v1/orders', {
    ...{ ...officer, number: '市监停〔2026〕1号', reason: '监督抽查不合格', acknowledgeBy },
    type: 'stop-sale',
    scope: { lots: [lotOf(failing.maker)] },
    notice: {
      zh: '该批次抽查不合格，请停止销售和使用，并联系供货单位。',
      en: 'This lot failed its sampling: do not sell or use it, and ask whoever supplied it.',
    },
  });
  // A maker calls a lot back, finds nothing wrong with it and lets it go.
  const paper = { ground: '缺陷产品召回管理规定', number: '召〔2026〕1号', officer: '李某' };
  const recall = await recalling.client.post<{ id: string }>('/v1/orders', {
    ...{ ...paper, reason: '说明书印刷有误，待核查', acknowledgeBy },
    type: 'recall',
    scope: { lots: [lotOf(recalling)] },
    notice: { zh: '请暂停使用，等待更换说明书。', en: 'Please stop using it until its manual is replaced.' },
  });
  await recalling.client.post(`/v1/orders/${recall.id}/release`, { ...paper, reason: '说明书已更换' });
  return { blocked };
}

const lotOf = ({ gtin, lot }: Maker): string => `01/${gtin}/10/${lot}`;

/** A unit taken from a shop by the regulator and used up in the laboratory's test; answers the entry of the result. */
async function sample(
  { regulator, laboratory }: Cast,
  { dealer, units: [unit] }: Carton,
  outcome: 'conformant' | 'non-conformant',
): Promise<number> {
  if (dealer === null || unit === undefined) throw new Error('nothing to sample');
  const epcs = [unit.epc];
  const outbox = new Outbox();
  outbox.add(regulator, {
    ...{ hop: 'inspect', time: on(180), epcs, sampling: 'sample', from: dealer.id, place: dealer.place },
  });
  outbox.add(regulator, { hop: 'ship', time: on(181), epcs, to: laboratory.id, transfer: 'consignment' });
  await outbox.send();
  outbox.add(laboratory, { hop: 'receive', time: on(184), epcs, from: regulator.id });
  outbox.add(laboratory, { hop: 'inspect', time: on(190), epcs, sampling: 'destructive', outcome });
  const [tested] = (await outbox.send()).slice(-1);
  if (tested === undefined) throw new Error('the result was not recorded');
  return tested;
}
