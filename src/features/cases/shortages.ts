/**
 * How much of a lot a party had when it parted with more, as that was known when it was found: the balances of the lot by
 * the entries up to the finding's own, folded as it is read. Of lots of very many entries that is not told.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { foldLot } from '../../core/life/lot.ts';
import { formatGrains } from '../../core/measures.ts';
import { pieces } from '../../core/quantity.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import type { Bilingual } from '../../web/words.ts';
import { loadSteps } from '../events/chains.ts';
import { contextOf } from '../events/context.ts';
import type { Masters } from '../events/masters.ts';
import { breathing } from '../in-turns.ts';
import { amountWords } from './act-words.ts';
import type { FindingRow } from './queries.ts';

export interface Shortage {
  /** null where it had none left. */
  readonly had: Bilingual | null;
  /** How much more than that it parted with. */
  readonly excess: Bilingual;
}

/** Entries of a lot at most: a page of findings may be about as many lots. */
const entriesMax = 2_000;
/** Steps folded before other requests get their turn. */
const stepsAtOnce = 4_000;

/** By number of the lot, entry of the finding and entry that parted with too much. Two statements, or none. */
export async function shortagesOf(
  { sql, masters }: { readonly sql: Sql; readonly masters: Masters },
  rows: readonly FindingRow[],
): Promise<(row: FindingRow) => Shortage | null> {
  if (rows.length === 0) return () => null;
  const [lots] = await Promise.all([
    sql<{ unit: number }[]>`
      SELECT asked.unit FROM unnest(${arrayLiteral([...new Set(rows.map(({ unit }) => unit))])}::bigint[]) AS asked (unit)
      WHERE (SELECT n FROM unit_chain WHERE unit = asked.unit ORDER BY n DESC LIMIT 1) <= ${entriesMax}`,
    masters.freshen(),
  ]);
  const chains = await loadSteps(
    sql,
    lots.map(({ unit }) => unit),
  );
  const found = new Map<string, Shortage>();
  const folded = new Set<string>();
  const breathe = breathing(stepsAtOnce);
  for (const { unit, gtin, maker, opened, openedAt } of rows) {
    const key = `${unit} ${opened}`;
    if (folded.has(key)) continue;
    folded.add(key);
    const before = opened + 1;
    const steps = (chains.get(unit) ?? []).filter(({ hop }) => hop.seq < before);
    const origin = maker === '' ? undefined : { seq: 0, gtin, issuer: maker as PartyId };
    const context = contextOf(origin, steps, masters, { asOf: openedAt, before });
    const { uom, shortages } = foldLot(steps, { ...context, planned: null });
    const words = (grains: bigint) => amountWords(formatGrains(grains, uom ?? pieces), uom ?? pieces);
    for (const [seq, { had, parted }] of shortages)
      found.set(`${key} ${seq}`, {
        had: had > 0n ? words(had) : null,
        excess: words(had > 0n ? parted - had : parted),
      });
    await breathe(steps.length);
  }
  return ({ unit, opened, other }) => found.get(`${unit} ${opened} ${other}`) ?? null;
}
