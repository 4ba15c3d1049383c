/** What one look at a thing finds, by what tells findings of a thing apart. */
import type { Severity } from '../../core/life/contradictions.ts';
import type { Step } from '../../core/life/history.ts';
import type { Found } from '../../core/rules/catalogue.ts';

export type Findings = ReadonlyMap<string, Found>;

export const keyOf = (rule: string, one: number, other: number): string => `${rule}/${one}/${other}`;

/** Steps by the entries up to `seq`; they come in order of seq. */
export const upTo = (steps: readonly Step[], seq: number): readonly Step[] =>
  (steps.at(-1)?.hop.seq ?? -1) <= seq ? steps : steps.filter(({ hop }) => hop.seq <= seq);

/**
 * Those that a hop of the thing's own or of its lot takes part in, or another entry that is about the thing itself; the
 * worse where one is told twice.
 */
export function ownContradictions(
  all: readonly Found[],
  chains: readonly (readonly Step[])[],
  about: readonly number[] = [],
): Findings {
  const found = new Map<string, Found>();
  if (all.length === 0) return found;
  const own = new Set([...about, ...chains.flatMap((steps) => steps.map(({ hop }) => hop.seq))]);
  for (const contradiction of all) {
    const [one, other] = contradiction.seqs;
    if (!own.has(one) && !own.has(other)) continue;
    const key = keyOf(contradiction.rule, one, other);
    const before = found.get(key);
    if (before === undefined || weight[before.severity] < weight[contradiction.severity])
      found.set(key, contradiction);
  }
  return found;
}

const weight: Readonly<Record<Severity, number>> = { claim: 0, quality: 1, risk: 2, conflict: 3 };
