/** A unit, container or lot that somebody asks about, with all that is needed to tell them what they may see. */

import type { Epc, HopRecord, PartyId } from '../../core/events/hop.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import type { Life } from '../../core/life/lifecycle.ts';
import { namesOfThing } from '../../core/mandate.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { readerOf } from '../access/reader.ts';
import { type Involved, type Reader, type Thing, type Vision, visionOf } from '../access/reading.ts';
import { loadSteps, unitNumbers } from '../events/chains.ts';
import { type Involvement, involvedIn, involvementOf } from '../events/involved.ts';
import type { FeatureDeps } from '../feature.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { type LoadedHistories, loadHistories, mastersOf } from './histories.ts';

export type ReadingDeps = Pick<FeatureDeps, 'reads' | 'ledger' | 'audit' | 'now'>;

export interface Subject {
  readonly epc: Epc;
  /** Internal number. */
  readonly unit: number;
  readonly histories: LoadedHistories;
  /** The moment that is asked about, ms since the epoch; null for now. */
  readonly at: number | null;
  /** As it stands at that moment. */
  readonly life: Life;
  /** Hops of its effective history by seq. */
  readonly hops: ReadonlyMap<number, HopRecord>;
  /** The vetted owner of its GTIN. */
  readonly maker: PartyId | null;
  readonly vision: Vision;
  readonly involved: ReadonlyMap<number, Involved>;
}

/** Canonical form of what an address names. */
export function pathIdentifier(path: string): Epc {
  const identifier = required(parseIdentifier(path));
  switch (identifier.type) {
    case 'unit':
    case 'lot':
    case 'container':
      return identifier.epc;
    case 'product':
    case 'place':
    case 'party':
      throw new Error(`${path} is no thing`);
  }
}

/** Internal number of a thing. Refuses with `unknown-unit` what no entry names. */
export async function numberOf(sql: Sql, epc: Epc): Promise<number> {
  const unit = (await unitNumbers(sql, [epc])).get(epc);
  if (unit === undefined) throw unknownThing(epc);
  return unit;
}

export const unknownThing = (epc: Epc): Refusal =>
  new Refusal('unknown-unit', `Nothing is recorded of ${epc}; check how it is spelled.`);

/**
 * Loads a unit or container as the caller may see it, now or at a moment. Refuses with `forbidden` a caller to whom
 * all of it, or all until that moment, is hidden. The read is audited when it shows what others recorded.
 */
export async function loadSubject(
  deps: ReadingDeps,
  caller: Caller,
  epc: Epc,
  route: string,
  at: number | null = null,
): Promise<Subject> {
  const { of, seen } = await subjectsOf(deps, caller, [epc]);
  const subject = of(epc);
  if (subject === null) throw unknownThing(epc);
  if (!seen(subject)) throw nothingSeen();
  const life = at === null ? subject.life : subject.histories.lifeAt(at, subject.unit);
  const asked = { ...subject, at, life };
  if (at !== null) requirePart(asked, caller);
  noteRead(deps, caller, route, subject);
  return asked;
}

/**
 * Loads many at once, by as many statements as one takes; in the order asked. Refuses, naming its place in the list,
 * the first that no entry names (`unknown-unit`) or that is hidden from the caller (`forbidden`).
 */
export async function loadSubjects(
  deps: ReadingDeps,
  caller: Caller,
  epcs: readonly Epc[],
  route: string,
): Promise<Subject[]> {
  const { of, seen } = await subjectsOf(deps, caller, epcs);
  const subjects = epcs.map((epc) => {
    const subject = of(epc);
    if (subject === null) throw unknownThing(epc);
    if (!seen(subject)) throw new Refusal('forbidden', `${epc}: ${nothingSeen().message}`);
    return subject;
  });
  for (const subject of subjects) noteRead(deps, caller, route, subject);
  return subjects;
}

/** Those of the things that the caller may see anything of, without a note of the read: it tells nothing by itself. */
export async function subjectsSeen(
  deps: ReadingDeps,
  caller: Caller,
  epcs: readonly Epc[],
): Promise<Subject[]> {
  const { of, seen } = await subjectsOf(deps, caller, epcs);
  return epcs.flatMap((epc) => {
    const subject = of(epc);
    return subject !== null && seen(subject) ? [subject] : [];
  });
}

/** A lot as the caller may see it: what names the lot itself. */
export type LotSubject = Pick<Subject, 'epc' | 'unit' | 'maker' | 'vision' | 'involved'>;

/** Lots that entries name, many at once. The reads are audited. */
export async function loadLots(
  deps: ReadingDeps,
  caller: Caller,
  epcs: readonly Epc[],
  route: string,
): Promise<LotSubject[]> {
  if (epcs.length === 0) return [];
  const { sql } = deps.reads;
  const numbers = await unitNumbers(sql, epcs);
  const [chains, owners, reader] = await Promise.all([
    loadSteps(sql, numbers.values()),
    ownersOf(sql, gtinKeysOf(epcs)),
    readerOf(sql, caller),
  ]);
  const involvement = await involvementOf(
    sql,
    [...chains.values()].flatMap((steps) => steps.map(({ hop }) => hop)),
  );
  return epcs.flatMap((epc) => {
    const unit = numbers.get(epc);
    if (unit === undefined) return [];
    const hops = (chains.get(unit) ?? []).map(({ hop }) => hop);
    const maker = owners.get(gtinKey(gtinIn(epc))) ?? null;
    const involved = new Map(hops.map((hop) => [hop.seq, involvement(hop, maker)]));
    noteRead(deps, caller, route, { epc, hops: new Map(hops.map((hop) => [hop.seq, hop])) });
    const names = namesOfThing(epc, null);
    const vision = visionOf(reader, { names, maker, hops: [...involved.values()] });
    return [{ epc, unit, maker, involved, vision }];
  });
}

interface Subjects {
  /** null when no entry names it. */
  of(epc: Epc): Subject | null;
  /** Whether the caller may see anything of it. */
  seen(subject: Subject): boolean;
}

async function subjectsOf(
  { reads: { sql }, ledger, now }: ReadingDeps,
  caller: Caller,
  epcs: readonly Epc[],
): Promise<Subjects> {
  const numbers = await unitNumbers(sql, epcs);
  const units = [...numbers.values()];
  const [histories, owners, reader] = await Promise.all([
    loadHistories({ sql, masters: mastersOf(ledger, sql) }, units),
    ownersOf(sql, gtinKeysOf(epcs)),
    readerOf(sql, caller),
  ]);
  const steps = units.flatMap((unit) => histories.histories.concerning(unit));
  const hops = [...new Map(steps.map(({ hop }) => [hop.seq, hop])).values()];
  const involvement = await involvementOf(sql, hops);
  const ownerOf = (epc: Epc): PartyId | null => owners.get(gtinKey(gtinIn(epc))) ?? null;
  return {
    of(epc) {
      const unit = numbers.get(epc);
      if (unit === undefined) return null;
      const maker = histories.issuedOf(unit)?.issuer ?? (epc.startsWith('01/') ? ownerOf(epc) : null);
      return subjectOf({ epc, unit, maker, histories }, reader, involvement, now());
    },
    seen({ maker, life, hops, vision, involved }) {
      if (maker === caller.party || vision.overseer) return true;
      const isTied = vision.tied && vision.isLed();
      return life.claims.some(({ seq, via }) => {
        // A claim about a container is no claim about what is inside.
        const hop = hops.has(seq) && (isTied || via.length === 0) ? involved.get(seq) : undefined;
        return hop !== undefined && vision.sightOf(hop) !== 'hidden';
      });
    },
  };
}

const gtinKeysOf = (epcs: readonly Epc[]): string[] =>
  epcs.flatMap((epc) => (epc.startsWith('01/') ? [gtinKey(gtinIn(epc))] : []));

function subjectOf(
  { epc, unit, maker, histories }: Pick<Subject, 'epc' | 'unit' | 'maker' | 'histories'>,
  reader: Reader,
  involvement: Involvement,
  now: number,
): Subject {
  const life = histories.lifeOf(unit, now);
  const steps = new Map(histories.histories.concerning(unit).map(({ hop }) => [hop.seq, hop]));
  const hops = new Map(
    life.claims.flatMap(({ seq }) => {
      const hop = steps.get(seq);
      return hop === undefined ? [] : [[seq, hop] as const];
    }),
  );
  const involved = new Map([...hops].map(([seq, hop]) => [seq, involvement(hop, maker)]));
  const names = namesOfThing(epc, histories.issuedOf(unit)?.lot ?? null);
  const vision = visionOf(reader, { names, maker, hops: [...involved.values()] });
  return { epc, unit, histories, at: null, life, hops, maker, vision, involved };
}

function noteRead(
  { audit }: ReadingDeps,
  caller: Caller,
  route: string,
  { epc, hops }: Pick<Subject, 'epc' | 'hops'>,
): void {
  if ([...hops.values()].some(({ recorder }) => recorder !== caller.party)) audit.note(caller, route, epc);
}

/**
 * Refuses a caller that had nothing to do with a thing until the moment that it asks about: else asking for one moment
 * after another would show when what is hidden happened. A stranger's claim counts for nothing here, or anybody could
 * take part in what is long past, or be told by a claim how goods of others fare.
 */
export function requirePart({ at, life, maker, vision, involved }: Subject, caller: Caller): void {
  if (maker === caller.party || vision.overseer) return;
  for (const { seq, standing } of life.claims) {
    const hop = standing === 'stranger' ? undefined : involved.get(seq);
    if (hop !== undefined && vision.sightOf(hop) !== 'hidden') return;
  }
  throw new Refusal(
    'forbidden',
    at === null
      ? 'The record does not lead to you from its maker; its history shows what you took part in, and verification is open to everybody.'
      : 'You took no part in its history until then; ask for a later moment.',
  );
}

/** The vetted owner of the GTIN in an identifier. */
export async function makerOf(sql: Sql, epc: Epc): Promise<PartyId | null> {
  if (!epc.startsWith('01/')) return null;
  const key = gtinKey(gtinIn(epc));
  return (await ownersOf(sql, [key])).get(key) ?? null;
}

/** What a caller sees of hops of one thing. */
export async function visionFor(
  sql: Sql,
  caller: Caller,
  { names, maker, hops }: Pick<Thing, 'names' | 'maker'> & { readonly hops: readonly HopRecord[] },
): Promise<{ vision: Vision; involved: ReadonlyMap<number, Involved> }> {
  const [reader, involved] = await Promise.all([readerOf(sql, caller), involvedIn(sql, hops, maker)]);
  return { vision: visionOf(reader, { names, maker, hops: [...involved.values()] }), involved };
}

/** Refuses a caller that has nothing to do with a thing. */
export function requireSight(
  caller: Caller,
  maker: PartyId | null,
  vision: Vision,
  hops: Iterable<Involved>,
): void {
  if (maker === caller.party || vision.overseer) return;
  for (const hop of hops) if (vision.sightOf(hop) !== 'hidden') return;
  throw nothingSeen();
}

const nothingSeen = (): Refusal =>
  new Refusal('forbidden', 'You took no part in its history; verification is open to everybody.');
