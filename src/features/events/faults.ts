/** Everything that is wrong with a request, gathered so that it is answered at once. */
import { type Fault, Refusal, type Result } from '../../errors.ts';

/** Where hop `i` stands in a request. */
export const pointerOf = (i: number): string => `/hops/${i}`;

/** A list of faults longer than this helps nobody. */
const faultsMax = 10_000;

export interface Faults {
  readonly count: number;
  readonly list: readonly Fault[];
  add(pointer: string, fault: Pick<Fault, 'code' | 'detail'>): void;
  /** The value of a result, or null with its fault noted under the pointer. */
  take<T>(pointer: string, result: Result<T>): T | null;
  /** Refuses if anything was noted. */
  refuse(): void;
}

export function createFaults(): Faults {
  const list: Fault[] = [];
  const add: Faults['add'] = (pointer, { code, detail }) => {
    if (list.length < faultsMax) list.push({ code, detail, pointer });
  };
  return {
    get count() {
      return list.length;
    },
    list,
    add,
    take(pointer, result) {
      if (result.ok) return result.value;
      add(pointer, result);
      return null;
    },
    refuse() {
      const [first] = list;
      if (first === undefined) return;
      const same = list.every(({ code }) => code === first.code);
      throw new Refusal(
        same ? first.code : 'invalid-request',
        list.length === 1
          ? first.detail
          : `${list.length} things do not fit; \`errors\` lists them. Nothing was recorded.`,
        { faults: list },
      );
    },
  };
}
