/** What is told of units and containers: state, history, contents, findings. */

import type { Epc } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import { elementString, parseIdentifier } from '../../core/gs1/identifiers.ts';
import type { Life } from '../../core/life/lifecycle.ts';
import { containerOf } from '../../core/life/lifecycle-state.ts';
import { base64url, formatAt } from '../../core/log/entry.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { epcTexts, loadContents } from '../events/chains.ts';
import { findingsOf, tell } from '../findings/queries.ts';
import { productByGtin } from '../products/queries.ts';
import { loadHistories, mastersOf } from './histories.ts';
import { loadSubject, numberOf, type ReadingDeps, requirePart, type Subject } from './subject.ts';
import { neighbours, tellContradictions, tellHistory, tellState } from './told.ts';

/** Contents of a container that are told. */
const contentsMax = 10_000;

/** A thing now, or as it stood at a moment. */
export async function tellThing(
  deps: ReadingDeps,
  caller: Caller,
  epc: Epc,
  route: string,
  at: number | null,
) {
  const subject = await loadSubject(deps, caller, epc, route, at);
  requirePart(subject, caller);
  return thing(deps, subject);
}

async function thing({ reads: { sql } }: ReadingDeps, subject: Subject) {
  const { epc, unit, histories, at } = subject;
  const issued = histories.issuedOf(unit);
  const [epcs, product] = await Promise.all([
    epcTexts(sql, neighbours(subject)),
    epc.startsWith('01/') ? productByGtin(sql, gtinIn(epc)) : null,
  ]);
  return {
    epc,
    elementString: elementString(required(parseIdentifier(epc))),
    at: at === null ? null : formatAt(at),
    issued:
      issued === undefined
        ? null
        : { seq: issued.seq, batch: issued.batch, key: issued.kid, lot: issued.lot },
    product:
      product === null
        ? null
        : {
            gtin: product.fact.gtin,
            name: product.fact.name,
            nameEn: product.fact.nameEn ?? null,
            model: product.fact.model,
            category: product.fact.category,
            party: product.fact.party,
          },
    state: tellState(subject, epcs),
    contradictions: tellContradictions(subject),
  };
}

/** A container with what is or was in it, by the same fold that tells where each thing is. */
export async function tellContainer(
  deps: ReadingDeps,
  caller: Caller,
  epc: Epc,
  route: string,
  at: number | null,
) {
  const subject = await loadSubject(deps, caller, epc, route, at);
  requirePart(subject, caller);
  const { sql } = deps.reads;
  const candidates = (await loadContents(sql, [subject.unit])).get(subject.unit) ?? [];
  const histories = await loadHistories(
    { sql, masters: mastersOf(deps.ledger, sql) },
    candidates.map(({ unit }) => unit),
  );
  const now = deps.now();
  const lifeOf = (unit: number): Life =>
    at === null ? histories.lifeOf(unit, now) : histories.lifeAt(at, unit);
  const inside = candidates
    .filter(({ unit }) => containerOf(lifeOf(unit).state) === subject.unit)
    .map(({ epc }) => epc);
  // A stranger's claim about a container opens it to nobody.
  const sights = subject.life.claims.flatMap(({ seq, standing }) => {
    const hop = subject.involved.get(seq);
    return hop === undefined || standing === 'stranger' ? [] : [subject.vision.sightOf(hop)];
  });
  const counted = sights.some((sight) => sight !== 'hidden');
  return {
    ...(await thing(deps, subject)),
    // Who sees nothing but the outline of its goods is not told what travels together.
    contents: sights.includes('whole') ? inside.slice(0, contentsMax) : [],
    contentsTotal: counted ? inside.length : null,
  };
}

export async function tellHistoryOf(deps: ReadingDeps, caller: Caller, epc: Epc, route: string) {
  const subject = await loadSubject(deps, caller, epc, route);
  const { sql } = deps.reads;
  const [leaves, epcs] = await Promise.all([
    leavesOf(sql, [...subject.hops.keys()]),
    epcTexts(sql, neighbours(subject)),
  ]);
  return tellHistory(subject, leaves, epcs);
}

/** Leaf hashes of entries in base64url. */
export async function leavesOf(sql: Sql, seqs: readonly number[]): Promise<Map<number, string>> {
  if (seqs.length === 0) return new Map();
  const rows = await sql<{ seq: number; leaf: Buffer }[]>`
    SELECT e.seq, e.leaf FROM unnest(${arrayLiteral(seqs)}::bigint[]) AS asked (seq) JOIN entries e USING (seq)`;
  return new Map(rows.map(({ seq, leaf }) => [seq, base64url(leaf)]));
}

/** Findings about a thing, for those who took part in its history, overseers and the operator. */
export async function tellFindings(deps: ReadingDeps, caller: Caller, epc: Epc, route: string) {
  const { sql } = deps.reads;
  if (caller.roles.includes('operator')) {
    const unit = await numberOf(sql, epc);
    deps.audit.note(caller, route, epc);
    return { items: (await findingsOf(sql, [unit])).map(tell) };
  }
  const subject = await loadSubject(deps, caller, epc, route);
  requirePart(subject, caller);
  return { items: (await findingsOf(sql, [subject.unit])).map(tell) };
}
