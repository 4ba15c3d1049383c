/**
 * Findings: contradictions in the histories of things, as they come to be and as later facts explain them.
 *
 * After every entry that says something new about a thing, its history up to that entry is folded as of the time of
 * that entry. What it contradicts and did not before is a finding, opened by the entry; what no longer holds is
 * closed by it. Where one party tells very much of a thing, not every entry is looked at (due.ts). Findings follow from
 * the log and these rules alone, however the log is cut into steps.
 *
 * A finding belongs to what its hops name: when both sides reached a thing only through its container, it is the
 * container's, not that of each of the thousand things inside.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { gtinIn, thingIn } from '../../core/gs1/identifier-forms.ts';
import type { Sql } from '../../database/connection.ts';
import { type Columns, insertRows, type Row } from '../../database/rows.ts';
import { breathing } from '../in-turns.ts';
import { type Fresh, fileFindings } from './filing.ts';
import type { Findings } from './found.ts';
import type { Known } from './known.ts';
import { looker } from './looker.ts';
import { lookAtLot } from './lot-look.ts';
import { type Open, openFindings } from './open-findings.ts';
import { awaiting, explaining, inBatches } from './recorded-late.ts';
import { type Loaded, sightAt } from './sights.ts';
import { spokesmen } from './spokesmen.ts';
import { type Loading, looksIn, looksWith } from './spread.ts';
import { bySeq, stepsAtOnce } from './touches.ts';

const closingColumns = {
  unit: 'bigint',
  rule: 'text',
  opened: 'bigint',
  one: 'bigint',
  other: 'bigint',
  closed: 'bigint',
} as const satisfies Columns;

/**
 * Writes the findings that the entries `from` ≤ seq < `until` open and close, and the cases they open. What a certificate, or
 * that somebody owns a product, may explain is known when all before it is written.
 */
export async function deriveFindings(sql: Sql, known: Known, from: number, until: number): Promise<void> {
  let next = from;
  for (const seq of await explaining(sql, from, until)) {
    await deriveRange(sql, known, next, seq);
    for (const units of inBatches(await awaiting(sql, seq)))
      await write(sql, known, await looksWith(sql, known, seq, units), seq);
    next = seq;
  }
  await deriveRange(sql, known, next, until);
}

async function deriveRange(sql: Sql, known: Known, from: number, until: number): Promise<void> {
  if (from === until) return;
  const looks = await looksIn(sql, known, from, until);
  if (looks !== null) return write(sql, known, looks, from);
  const middle = Math.floor((from + until) / 2);
  await deriveRange(sql, known, from, middle);
  await deriveRange(sql, known, middle, until);
}

/** Looks at what was loaded, by entries from `from` on, and writes what opens and closes with each look. */
async function write(sql: Sql, known: Known, looks: Loading, from: number): Promise<void> {
  const { touches, lots, times, loaded } = looks;
  if (loaded === null) return;
  const book = createBook(await openFindings(sql, [...touches.keys(), ...lots.keys()]));
  const spoken = await spokesmen(sql, tellingOfUnissued(loaded));
  const things = bySeq(touches);
  const measured = bySeq(lots);
  const breathe = breathing(stepsAtOnce);
  for (const seq of [...new Set([...things.keys(), ...measured.keys()])].sort((a, b) => a - b)) {
    const asOf = times.get(seq) ?? 0;
    const sight = sightAt(loaded, known, seq, asOf);
    const look = looker({ ...sight, around: loaded.things.around }, known, seq, asOf);
    for (const thing of things.get(seq) ?? []) {
      const steps = loaded.things.chains.get(thing) ?? [];
      const recorderOf = (told: number) => steps.find(({ hop }) => hop.seq === told)?.hop.recorder;
      const gtin = gtinIn(loaded.things.epcs.get(thing) ?? '');
      book.enter(thing, seq, spoken.admit({ unit: thing, gtin }, look(thing), recorderOf));
      await breathe(1 + steps.length);
    }
    for (const lot of measured.get(seq) ?? []) {
      book.enter(lot, seq, lookAtLot({ ...sight, ...loaded.lots }, known, lot, seq));
      await breathe(1 + (loaded.lots.chains.get(lot)?.length ?? 0));
    }
  }
  await fileFindings(sql, known.docket, book.opened, from);
  await insertRows(sql, 'finding_closings', closingColumns, book.closed);
}

/** Who tells of things that were not issued here. */
function tellingOfUnissued({ things: { issued, chains, epcs } }: Loaded): Set<PartyId> {
  const parties = new Set<PartyId>();
  for (const [thing, steps] of chains)
    if (!issued.has(thing) && thingIn(epcs.get(thing) ?? '') === 'unit')
      for (const { hop } of steps) parties.add(hop.recorder);
  return parties;
}

/** Keeps what is open about each thing, and notes what opens and closes with each look at it. */
function createBook(open: Map<number, ReadonlyMap<string, Open>>) {
  const opened: Fresh[] = [];
  const closed: Row<typeof closingColumns>[] = [];
  return {
    opened,
    closed,
    enter(unit: number, seq: number, found: Findings): void {
      const known = open.get(unit) ?? noneOpen;
      if (known.size === 0 && found.size === 0) return;
      const next = new Map<string, Open>();
      for (const [key, { rule, seqs, made = null, severity }] of found) {
        const before = known.get(key);
        const [one, other] = seqs;
        const isSame = before?.severity === severity && before.made === made;
        const finding = isSame ? before : { rule, one, other, made, severity, opened: seq };
        next.set(key, finding);
        if (finding !== before) opened.push({ unit, ...finding });
      }
      for (const [key, { rule, one, other, opened }] of known)
        if (next.get(key)?.opened !== opened) closed.push({ unit, rule, one, other, opened, closed: seq });
      open.set(unit, next);
    },
  };
}

const noneOpen: ReadonlyMap<string, Open> = new Map();
