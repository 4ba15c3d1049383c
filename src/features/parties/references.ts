/**
 * How people name a party: by its id, by GLN or credit code in any spelling, or, when it has no account yet, by
 * what is known of it. Somebody named for the first time becomes a *stub*: a party without an account, which a
 * later registration with the same GLN or credit code takes over.
 *
 *   "7ZK3QW9D5TB1M0AB", "party/7ZK3…", "https://our.host/party/7ZK3…"     id
 *   "6901234567892", "417/6901234567892", "urn:epc:id:pgln:…"             GLN
 *   "91350100M000100Y43", also in lower case                              credit code
 *   { "name": "临安五金店", "region": "330112" }                           a stub known by its name alone
 *   { "name": "…", "creditCode": "91…" }                                  a stub, or who has that code already
 *
 * A newcomer has one identifier: the credit code where both are given. That a GLN and a credit code are of the same
 * organisation only a registration says; else whoever names a rival's code with another's GLN would make one of the two.
 */
import { type Static, Type } from '@sinclair/typebox';
import { parseCreditCode } from '../../core/credit-code.ts';
import type { PartyId } from '../../core/events/hop.ts';
import { parseGln, parseIdentifier } from '../../core/gs1/identifiers.ts';
import type { PartyFact } from '../../core/log/fact.ts';
import { opaqueIdPattern, parsePartyId } from '../../core/opaque-id.ts';
import type { Sql } from '../../database/connection.ts';
import { type Fault, fault, ok, Refusal, type Result, refusalAt } from '../../errors.ts';
import type { Draft } from '../../ledger/submission.ts';
import { newPartyId } from '../new-id.ts';
import { creditCodeKey, glnKey, ownersOf, stubKey } from '../owners.ts';
import type { Policies } from '../policies/policies.ts';
import { closed, line, partyName, region } from '../vocabulary.ts';
import { partiesById } from './queries.ts';

export const StubSchema = closed(
  {
    name: line('Name'),
    nameEn: Type.Optional(line('English name')),
    gln: Type.Optional(Type.String({ maxLength: 64, description: 'GLN, 13 digits' })),
    creditCode: Type.Optional(
      Type.String({ maxLength: 64, description: 'Unified social credit code 统一社会信用代码' }),
    ),
    region: Type.Optional(region),
  },
  'Stub: a party without an account',
);
export type Stub = Static<typeof StubSchema>;

/** JSON Schema of a party reference, for any request that names a party. */
export const PartyReferenceSchema = Type.Union([partyName('Party'), StubSchema]);
export type PartyReference = Static<typeof PartyReferenceSchema>;

export interface ResolvedParties {
  /** In the order of the references; null where one could not be read. */
  readonly parties: readonly (PartyId | null)[];
  /** Parties that nobody had named before, to be recorded together with what names them. */
  readonly drafts: readonly (Draft & { readonly fact: PartyFact })[];
  /** What could not be read or is not known, by index of the reference. */
  readonly faults: readonly (Fault & { readonly index: number })[];
}

/** What a reference says: an id, or identifiers in order of trust with what a stub would be made of. */
type Read =
  | { readonly id: PartyId }
  | { readonly keys: readonly string[]; readonly stub: Omit<PartyFact, 'id'> | null };

const ownId = new RegExp(opaqueIdPattern, 'i');

/**
 * Reads any number of references with two statements. New names come back as drafts; two requests at once that
 * name the same newcomer meet the refusal `already-exists` in one of them: resolving again finds the other's.
 * Faults: `unknown-party`, `invalid-identifier`, `invalid-check-digit`, `invalid-credit-code`, `invalid-region`.
 */
export async function resolveParties(
  sql: Sql,
  policies: Policies,
  references: readonly PartyReference[],
  by: PartyId,
): Promise<ResolvedParties> {
  const reads = references.map((reference) => readReference(reference, by, policies));
  const ids = reads.flatMap((read) => (read.ok && 'id' in read.value ? [read.value.id] : []));
  const keys = reads.flatMap((read) => (read.ok && 'keys' in read.value ? read.value.keys : []));
  const [existing, owners] = await Promise.all([partiesById(sql, ids), ownersOf(sql, keys)]);
  const named = new Map(owners);
  const drafts: (Draft & { fact: PartyFact })[] = [];
  const faults: (Fault & { index: number })[] = [];

  const settle = (read: Result<Read>): Result<PartyId> => {
    if (!read.ok) return read;
    if ('id' in read.value) {
      const { id } = read.value;
      return existing.has(id) ? ok(id) : unknown('No party has this id; look it up by GLN or credit code.');
    }
    const { keys, stub } = read.value;
    const known = new Set(keys.flatMap((key) => named.get(key) ?? []));
    if (known.size > 1)
      return fault(
        'state-conflict',
        'GLN and credit code belong to two different parties; give one of them.',
      );
    const [owner] = known;
    if (owner !== undefined) return ok(owner);
    if (stub === null)
      return unknown(
        'Nobody is known by it yet; give an object with name and region beside it to name a new party.',
      );
    const id = newPartyId();
    drafts.push({ fact: { ...stub, id } });
    const [first] = keys;
    if (first !== undefined) named.set(first, id);
    return ok(id);
  };

  const parties = reads.map((read, index) => {
    const settled = settle(read);
    if (settled.ok) return settled.value;
    faults.push({ code: settled.code, detail: settled.detail, index });
    return null;
  });
  return { parties, drafts, faults };
}

const unknown = (detail: string) => fault('unknown-party', detail);

function readReference(reference: PartyReference, by: PartyId, policies: Policies): Result<Read> {
  return typeof reference === 'string' ? readText(reference) : readStub(reference, by, policies);
}

function readText(reference: string): Result<Read> {
  const text = reference.trim();
  const last = text.replace(/^(?:https?:\/\/[^/]+\/)?party\//i, '');
  if (ownId.test(last)) {
    const id = parsePartyId(last);
    return id.ok ? ok({ id: id.value }) : id;
  }
  if (/^[0-9]{13}$/.test(text)) return byGln(text);
  if (/^[0-9A-Za-z]{18}$/.test(text)) {
    const code = parseCreditCode(text);
    return code.ok ? ok({ keys: [creditCodeKey(code.value)], stub: null }) : code;
  }
  const identifier = parseIdentifier(text);
  if (!identifier.ok) return identifier;
  if (identifier.value.type === 'party') return byGln(identifier.value.gln);
  return fault('invalid-identifier', 'Name a party by its id, its GLN or its unified social credit code.');
}

function byGln(text: string): Result<Read> {
  const gln = parseGln(text);
  return gln.ok ? ok({ keys: [glnKey(gln.value)], stub: null }) : gln;
}

function readStub(stub: Stub, by: PartyId, policies: Policies): Result<Read> {
  if (stub.region !== undefined && !policies.isRegion(stub.region)) {
    return fault(
      'invalid-region',
      `${stub.region} is no code of GB/T 2260; give six digits of the policy regions.`,
    );
  }
  const gln = stub.gln === undefined ? null : parseGln(stub.gln);
  if (gln !== null && !gln.ok) return gln;
  const code = stub.creditCode === undefined ? null : parseCreditCode(stub.creditCode);
  if (code !== null && !code.ok) return code;
  const name = stub.name.trim();
  const keys = [
    ...(code === null ? [] : [creditCodeKey(code.value)]),
    ...(gln === null ? [] : [glnKey(gln.value)]),
  ];
  const identifier = code !== null ? { creditCode: code.value } : gln !== null ? { gln: gln.value } : {};
  if (keys.length === 0 && stub.region === undefined) {
    return fault(
      'invalid-request',
      'A party without GLN and credit code is told apart by its region; add it.',
    );
  }
  return ok({
    keys: keys.length === 0 ? [stubKey(by, stub.region, name)] : keys,
    stub: {
      kind: 'party',
      by,
      stub: true,
      name,
      roles: [],
      ...(stub.nameEn === undefined ? {} : { nameEn: stub.nameEn.trim() }),
      ...identifier,
      ...(stub.region === undefined ? {} : { region: stub.region }),
    },
  });
}

/** A party that exists, by any of its names. Refuses with the fault at `pointer`. */
export async function requireParty(
  sql: Sql,
  policies: Policies,
  name: string,
  by: PartyId,
  pointer: string,
): Promise<PartyId> {
  const { parties, faults } = await resolveParties(sql, policies, [name], by);
  const [party] = parties;
  if (party != null) return party;
  const [found] = faults;
  if (found === undefined) throw new Error('a party was neither found nor refused');
  throw refusalAt(pointer, found.code, found.detail);
}

/** Attempts before a newcomer that is always being named elsewhere is given up. */
const attemptsMax = 3;

/**
 * Resolves and records anew when another request has just named the same newcomer. `work` resolves and appends; a refused
 * append has used up no idempotency key.
 */
export async function namingNewcomers<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const named = error instanceof Refusal && error.code === 'already-exists';
      if (!named || attempt === attemptsMax) throw error;
    }
  }
}
