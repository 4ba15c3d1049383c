/** Facts made ready for a file of evidence: of each what its reader may see, and hashes of the rest. */
import { setImmediate } from 'node:timers/promises';
import type { ProvenEntry } from '../../core/evidence/evidence.ts';
import { hideFact } from '../../core/evidence/evidence-hide.ts';
import { base64url, formatAt, originHash } from '../../core/log/entry.ts';
import { canonical, type JsonObject } from '../../core/text/canonical.ts';
import type { StoredFact } from './queries.ts';
import { rememberedList } from './salted-lists.ts';
import { type Candidate, choose, type Withholding } from './selection.ts';
import type { Gathered } from './subjects.ts';

export interface Shown {
  readonly row: StoredFact;
  readonly fact: ProvenEntry['fact'] | null;
  /** What is shown of it, for looking up the names that it mentions. */
  readonly told: JsonObject;
}

/** By what it is decided what is shown. */
export interface Showing {
  readonly gathered: Pick<Gathered, 'sights' | 'issueSight'>;
  readonly withholding: Withholding;
  /** The things that the file names in any case. */
  readonly kept: ReadonlySet<string>;
}

/** Facts prepared in one go before others get their turn. */
const factsAtOnce = 200;

/** Facts with what is shown of each. Events that are shown whole are known first: their eventIDs may be told. */
export async function show(
  rows: readonly StoredFact[],
  { gathered: { sights, issueSight }, withholding, kept }: Showing,
): Promise<Shown[]> {
  const candidates = rows.map((row): readonly [StoredFact, Candidate] => {
    const { payload: fact } = row;
    const gtin = typeof fact.gtin === 'string' ? fact.gtin : null;
    const issue = fact.kind === 'issue' ? issueSight(String(fact.by), gtin) : 'hidden';
    return [row, { fact, sight: sights.get(row.seq) ?? 'hidden', issue }];
  });
  const openIds = new Set(
    candidates.flatMap(([, it]) => {
      const { eventID } = it.fact;
      return typeof eventID === 'string' &&
        choose(it, withholding, kept, new Set([eventID]))?.member('eventID')
        ? [eventID]
        : [];
    }),
  );
  const shown: Shown[] = [];
  for (const [i, [row, candidate]] of candidates.entries()) {
    // Each takes some 50 µs of hashing.
    if (i % factsAtOnce === factsAtOnce - 1) await setImmediate();
    const chosen = choose(candidate, withholding, kept, openIds);
    if (chosen === null) {
      shown.push({ row, fact: null, told: {} });
      continue;
    }
    const members = Object.entries(candidate.fact).filter(([name]) => chosen.member(name));
    shown.push({
      row,
      fact: hideFact(candidate.fact, row.salt, row.personal, chosen, rememberedList),
      told: Object.fromEntries(members),
    });
  }
  return shown;
}

/** Ids of parties and places that what is shown mentions. */
export function idsIn(shown: readonly Shown[]): string[] {
  const text = canonical(shown.map(({ told: { epcList, childEPCs, epcs, ...told } }) => told));
  const ids = text.matchAll(/(?:place\/)?\b[0-9A-HJKMNP-TV-Z]{16}\b|414\/\d{13}(?:\/254\/[^"/]+)?/g);
  return [...new Set([...ids].map(([id]) => id))];
}

export function provenEntry({ row, fact }: Omit<Shown, 'told'>, origin: string): Omit<ProvenEntry, 'path'> {
  const { seq, at, digest, prev } = row;
  const entry = {
    at: formatAt(at),
    digest: base64url(digest),
    prev: base64url(prev ?? originHash(origin)),
    seq,
    v: 1,
  } as const;
  return fact === null || fact === undefined ? { entry } : { entry, fact };
}
