/**
 * Everything that fits a query that says how many there may be (maxEventCount, maxElementCount: EPCIS 2.0 §8.2.7.1,
 * §8.2.7.2), without pages: those that it is found by are gone through here.
 */
import { Refusal } from '../../errors.ts';

export interface Found<T, At> {
  readonly items: readonly T[];
  /** How long these are as JSON. */
  readonly characters: number;
  /** Where the next page starts; null on the last. */
  readonly next: At | null;
}

/** How a query says so, and what it is told of. */
interface Bounded {
  readonly most: number;
  readonly what: 'events' | 'elements';
  readonly parameter: 'maxEventCount' | 'maxElementCount';
}

/** What all are long at most, and how many pages are gone through. */
const charactersMax = 32_000_000;
const pagesMax = 50;

/** All of them, the first page from `first` on. Refusal: `query-too-large`. */
export async function allAtOnce<T, At>(
  { most, what, parameter }: Bounded,
  first: At,
  pageFrom: (at: At, perPage: number) => Promise<Found<T, At>>,
): Promise<readonly T[]> {
  const tooLarge = (why: string): Refusal =>
    new Refusal('query-too-large', `${why}; ask for less, or page without ${parameter}.`);
  const items: T[] = [];
  let characters = 0;
  let at = first;
  for (let pages = 0; pages < pagesMax; pages++) {
    const page = await pageFrom(at, most + 1 - items.length);
    items.push(...page.items);
    characters += page.characters;
    if (items.length > most) throw tooLarge(`There are more than ${most} ${what}`);
    if (characters > charactersMax) throw tooLarge(`These ${what} are too long to be answered at once`);
    if (page.next === null) return items;
    at = page.next;
  }
  throw tooLarge(`These ${what} lie too far apart among others to be answered at once`);
}
