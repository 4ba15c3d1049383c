/** What is told of lots: balances of goods by measure, and their hops page by page. */

import type { Epc, PartyId } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import { elementString, parseIdentifier } from '../../core/gs1/identifiers.ts';
import { rules } from '../../core/life/contradictions.ts';
import { balanceTexts, foldLot } from '../../core/life/lot.ts';
import { namesOfThing } from '../../core/mandate.ts';
import { formatGrains } from '../../core/measures.ts';
import { formatQuantity, pieces } from '../../core/quantity.ts';
import type { Sql } from '../../database/connection.ts';
import { required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { encodeCursor } from '../../http/paging.ts';
import { redactHop } from '../access/reading.ts';
import { loadSteps } from '../events/chains.ts';
import { contextOf } from '../events/context.ts';
import { mastersOf } from './histories.ts';
import { leavesOf } from './service.ts';
import { makerOf, numberOf, type ReadingDeps, requireSight, visionFor } from './subject.ts';
import { tellHop } from './told.ts';

const everything = Number.MAX_SAFE_INTEGER;

async function loadLot(deps: ReadingDeps, caller: Caller, epc: Epc, route: string) {
  const { sql } = deps.reads;
  const [lot, maker] = await Promise.all([numberOf(sql, epc), makerOf(sql, epc)]);
  const steps = (await loadSteps(sql, [lot])).get(lot) ?? [];
  const hops = [...new Map(steps.map(({ hop }) => [hop.seq, hop])).values()];
  const { vision, involved } = await visionFor(sql, caller, { names: namesOfThing(epc, null), maker, hops });
  requireSight(caller, maker, vision, involved.values());
  if (hops.some(({ recorder }) => recorder !== caller.party)) deps.audit.note(caller, route, epc);
  return { maker, steps, vision, involved };
}

export async function tellLot(deps: ReadingDeps, caller: Caller, epc: Epc, route: string) {
  const { sql } = deps.reads;
  const { maker, steps, vision, involved } = await loadLot(deps, caller, epc, route);
  const masters = mastersOf(deps.ledger, sql);
  await masters.freshen();
  const origin = maker === null ? undefined : { seq: 0, gtin: gtinIn(epc), issuer: maker };
  const context = contextOf(origin, steps, masters, { asOf: deps.now(), before: everything });
  const life = foldLot(steps, { ...context, planned: null });
  // Where nobody told an amount, there is nothing of anything.
  const uom = life.uom ?? pieces;
  const overseen = [...involved.values()].every((hop) => vision.sightOf(hop) === 'whole');
  const knows = (party: PartyId): boolean => overseen || vision.acquainted.has(party);
  const toldAll = overseen || maker === caller.party;
  const sees = (seq: number): boolean => {
    const hop = involved.get(seq);
    return hop !== undefined && vision.sightOf(hop) !== 'hidden';
  };
  const counts = vision.overseer || maker === caller.party;
  return {
    epc,
    elementString: elementString(required(parseIdentifier(epc))),
    // How much a maker makes is its own affair.
    issued: counts ? await unitsIssued(sql, epc) : null,
    uom: life.uom,
    made: counts ? formatGrains(life.made, uom) : null,
    balances: life.balances
      .filter(({ party }) => toldAll || knows(party))
      .map((balance) => ({
        party: knows(balance.party) ? balance.party : null,
        level: balance.level,
        ...balanceTexts(balance, uom),
      })),
    contradictions: life.contradictions
      .filter(({ seqs }) => toldAll || seqs.some(sees))
      .map(({ rule, seqs, severity }) => ({
        rule,
        severity,
        entries: [...seqs],
        zh: rules[rule].zh,
        en: rules[rule].en,
      })),
  };
}

async function unitsIssued(sql: Sql, lot: Epc): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    SELECT coalesce(sum(last_unit - first_unit + 1), 0)::bigint AS count FROM issues WHERE lot = ${lot}`;
  return row?.count ?? 0;
}

/** Hops that name a lot, in order of recording, after the one given. */
export async function tellLotHistory(
  deps: ReadingDeps,
  caller: Caller,
  epc: Epc,
  route: string,
  { after, limit }: { readonly after: number; readonly limit: number },
) {
  const { steps, vision, involved } = await loadLot(deps, caller, epc, route);
  const rest = steps.filter(({ hop }) => hop.seq > after);
  const shown = rest.slice(0, limit);
  const leaves = await leavesOf(
    deps.reads.sql,
    shown.map(({ hop }) => hop.seq),
  );
  const items = shown.flatMap(({ hop, amount }) => {
    const whole = involved.get(hop.seq);
    const seen = whole && redactHop(hop, vision.sightOf(whole), vision.acquainted);
    if (!seen) return [];
    const leaf = leaves.get(hop.seq) ?? '';
    const told =
      amount === null
        ? { amount: null, uom: null }
        : { amount: formatQuantity(amount.millionths), uom: amount.uom };
    return [{ leaf, ...told, ...tellHop(seen) }];
  });
  const last = shown.at(-1)?.hop.seq;
  const next = rest.length > limit && last !== undefined ? encodeCursor('lot-history', [last]) : null;
  return { items, hidden: shown.length - items.length, next };
}
