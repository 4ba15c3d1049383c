/** What goes wrong in the demo, on purpose: a clone, a diverted pallet, a forged code, a sale after scrap. */
import { type Client, patiently } from '../api.ts';
import { type Chain, Outbox, on, type Unit } from './chain.ts';
import type { Cast } from './parties.ts';

export interface Troubles {
  readonly consistent: Unit;
  /** Sold twice by one dealer, then scanned in two provinces. */
  readonly cloned: Unit;
  readonly retired: Unit;
  readonly forged: string;
  /** As if typed off a label: of a maker here, and never issued. */
  readonly unknown: string;
}

export async function plantTroubles(cast: Cast, chain: Chain, operator: Client): Promise<Troubles> {
  const outbox = new Outbox();
  const [good, cloned, scrapped] = chain.sales.filter(
    ({ maker, user }) => maker === cast.makers[0] && user !== cast.users[0] && user !== cast.users[1],
  );
  const diverted = chain.pallets.at(-1);
  const elsewhere = cast.tiers[2]?.[0];
  const [first, second] = cast.users;
  const [consistent, clone, retired] = [good?.units[1], cloned?.units[1], scrapped?.units[1]];
  if (
    !consistent ||
    !clone ||
    !retired ||
    !cloned ||
    !scrapped ||
    !diverted ||
    !elsewhere ||
    !first ||
    !second
  )
    throw new Error('the demo is too small for its troubles');

  // The dealer copies the code of a unit it has sold onto a counterfeit, and sells that too.
  outbox.add(cloned.dealer, { hop: 'sell', time: on(200), epcs: [clone.epc], to: first.id });
  // A whole pallet turns up at a shop that nobody shipped it to.
  outbox.add(elsewhere, { hop: 'receive', time: on(36), epcs: [diverted.epc], from: diverted.wholesaler.id });
  // A unit is scrapped, and its dealer sells it again.
  outbox.add(scrapped.user, { hop: 'scrap', time: on(361), epcs: [retired.epc] });
  await outbox.send();
  outbox.add(scrapped.dealer, { hop: 'sell', time: on(364), epcs: [retired.epc], to: second.id });
  await outbox.send();

  for (const region of ['110000', '440100'])
    await patiently(`${operator.baseUrl}/v1/verify`, () => ({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': `Mozilla/5.0 (demo phone in ${region})` },
      body: JSON.stringify({ code: clone.code, region }),
    }));
  return {
    consistent,
    cloned: clone,
    retired,
    forged: forge(consistent.code),
    unknown: invent(consistent.code),
  };
}

/** A code somebody made up: a real one with two digits of its signature changed. */
function forge(code: string): string {
  const last = code.slice(-2);
  return `${code.slice(0, -2)}${last === '00' ? '11' : '00'}`;
}

/** A serial that nobody issued, under a real product. */
function invent(code: string): string {
  const { origin, pathname } = new URL(code);
  return `${origin}${pathname.replace(/[^/]+$/, 'A0000001')}`;
}
