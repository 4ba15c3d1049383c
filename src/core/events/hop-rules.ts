/**
 * Which role may record which hop. A hop outside this table is refused (`hop-not-allowed`); whether the party
 * stood where it says when it recorded an allowed one is judged later, from the facts.
 *
 * Why so:
 * - Codes come to life with manufacturers and importers only (produce, release, relabel); whoever holds
 *   old stock may declare it (adopt).
 * - Goods move by whoever may hold them. A using unit hands things on to be serviced, returned or disposed of;
 *   it is no seller. Platforms bring buyers and sellers together: they record the sales they handle and returns.
 * - A certification body looks and says what it saw; its certificates are no hops. A laboratory also takes
 *   samples in, sends them back and uses them up.
 * - A regulator inspects, holds, seizes, lifts, receives and destroys. Anybody who holds goods may hold them
 *   back and lift that again; only a regulator seizes.
 * - The operator administers the ledger and records nothing.
 */
import type { HopType, Role } from './hop.ts';

const makers = ['manufacturer', 'importer'] as const;
const traders = [...makers, 'distributor', 'seller'] as const;
const workers = ['installer', 'maintenance-firm'] as const;
const keepers = [...traders, ...workers, 'using-unit'] as const;
const everybody = [...keepers, 'platform', 'certification-body', 'laboratory', 'regulator'] as const;

/** Who may record a hop. */
export const recorders: Readonly<Record<HopType, readonly Role[]>> = {
  produce: makers,
  release: makers,
  pack: keepers,
  unpack: [...keepers, 'laboratory', 'regulator'],
  ship: [...keepers, 'laboratory', 'regulator'],
  cancel: [...keepers, 'laboratory', 'regulator'],
  receive: [...keepers, 'laboratory', 'regulator'],
  sell: [...traders, ...workers, 'platform'],
  install: [...makers, ...workers, 'using-unit'],
  remove: [...makers, ...workers, 'using-unit'],
  replace: [...makers, ...workers, 'using-unit'],
  inspect: everybody,
  maintain: ['manufacturer', 'maintenance-firm', 'using-unit'],
  refill: ['manufacturer', 'maintenance-firm'],
  transform: [...makers, 'maintenance-firm'],
  split: [...traders, ...workers],
  hold: [...keepers, 'platform', 'regulator'],
  seize: ['regulator'],
  lift: [...keepers, 'platform', 'regulator'],
  return: [...keepers, 'platform', 'laboratory', 'regulator'],
  scrap: keepers,
  destroy: [...keepers, 'laboratory', 'regulator'],
  adopt: keepers,
  relabel: makers,
  correct: everybody,
  void: everybody,
};

/** Whether a party acting in this role may record such a hop at all. */
export const mayRecord = (role: Role, hop: HopType): boolean => recorders[hop].includes(role);
