/** Hop records and steps for tests, with everything that does not matter filled in. */

import {
  type HopRecord,
  type HopType,
  hopTypes,
  type PartyId,
  type PlaceId,
  type Position,
} from '../../src/core/events/hop.ts';
import { type Step, step } from '../../src/core/life/history.ts';
import type { Delegates, LifecycleContext, Mandate } from '../../src/core/life/lifecycle-state.ts';

export const party = (name: string): PartyId => name as PartyId;
export const place = (name: string): PlaceId => `place/${name}` as PlaceId;

export const hour = 60 * 60 * 1000;
export const day = 24 * hour;

export interface HopOptions extends Partial<Omit<HopRecord, 'hop' | 'recorder'>> {
  /** Event time of a moment, ms; by default as many days as its seq. */
  readonly at?: number;
}

/** A hop recorded the moment it happened, a day after the one with the seq before, unless told otherwise. */
export function hop(seq: number, type: HopType, by: string, options: HopOptions = {}): HopRecord {
  const { at = seq * day, ...rest } = options;
  const recorder = party(by);
  const gives = type === 'ship' || type === 'sell';
  return {
    seq,
    recordedAt: rest.until ?? at,
    hop: type,
    recorder,
    as: 'distributor',
    from: at,
    until: at,
    giver: gives ? recorder : null,
    taker: type === 'receive' ? recorder : null,
    transfer: gives ? 'sale' : null,
    place: null,
    toPlace: null,
    outcome: null,
    note: null,
    target: null,
    nextDue: null,
    reporter: false,
    ...rest,
  };
}

export interface PartOptions {
  readonly position?: Position;
  readonly parent?: number;
  readonly whole?: boolean;
  /** Millionths of `uom`, which is metres unless told otherwise. */
  readonly amount?: bigint;
  readonly uom?: string;
}

/** The step of one thing in a hop. */
export const stepOf = (record: HopRecord, part: PartOptions = {}): Step =>
  step(
    record,
    {
      position: part.position ?? 'epc',
      amount: part.amount === undefined ? null : { millionths: part.amount, uom: part.uom ?? 'MTR' },
    },
    part.parent ?? null,
    part.whole ?? false,
  );

export const produce = (seq: number, by: string, o: HopOptions = {}) => stepOf(hop(seq, 'produce', by, o));
export const ship = (seq: number, by: string, to: string, o: HopOptions = {}) =>
  stepOf(hop(seq, 'ship', by, { taker: party(to), ...o }));
export const receive = (seq: number, by: string, from: string, o: HopOptions = {}) =>
  stepOf(hop(seq, 'receive', by, { giver: party(from), ...o }));
export const act = (seq: number, type: HopType, by: string, o: HopOptions = {}) =>
  stepOf(hop(seq, type, by, o));
export const pack = (seq: number, by: string, container: number, o: HopOptions = {}) =>
  stepOf(hop(seq, 'pack', by, o), { position: 'child', parent: container });
export const unpack = (seq: number, by: string, container: number, o: HopOptions = {}) =>
  stepOf(hop(seq, 'unpack', by, o), { position: 'child', parent: container });

/** Issued to A, asked long after everything, nobody without an account. */
export const context: LifecycleContext = {
  issuer: party('A'),
  issued: true,
  asOf: 10_000 * day,
  graceMs: 3 * day,
  stubUntil: new Map(),
  delegates: new Map(),
  certificates: null,
  certifiedFrom: null,
  maintenance: [],
};

/** That the second acts for the first, always unless told otherwise. */
export const mandates = (principal: string, agent: string, limits: Partial<Mandate> = {}): Delegates =>
  new Map([
    [
      party(principal),
      new Map([
        [
          party(agent),
          [
            {
              acts: new Set(hopTypes),
              places: new Set(),
              from: Number.NEGATIVE_INFINITY,
              until: Number.POSITIVE_INFINITY,
              revoked: Number.POSITIVE_INFINITY,
              ...limits,
            },
          ],
        ],
      ]),
    ],
  ]);
