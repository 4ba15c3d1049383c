/** What the operator registers, and what each reader sees of a party. */

import { type CreditCode, parseCreditCode } from '../../core/credit-code.ts';
import type { PartyId } from '../../core/events/hop.ts';
import { type Gln, parseGln } from '../../core/gs1/identifiers.ts';
import type { PartyFact } from '../../core/log/fact.ts';
import { wholeCountry } from '../../core/region.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Draft } from '../../ledger/submission.ts';
import type { FeatureDeps } from '../feature.ts';
import { newPartyId } from '../new-id.ts';
import { creditCodeKey, glnKey, ownersOf } from '../owners.ts';
import { resolvePlaces } from '../places/references.ts';
import { type Policies, requireRegion } from '../policies/policies.ts';
import { type Party, partyById } from './queries.ts';
import type { PartyBody, PartyView } from './schemas.ts';

type PartyDraft = Draft & { readonly fact: PartyFact };
type Needs = Pick<FeatureDeps, 'db' | 'policies'>;

/** The fact of a new account; one of a stub's identifiers, or `takesOver`, makes it that stub's next version. */
export async function registration(deps: Needs, body: PartyBody, by: PartyId): Promise<PartyDraft> {
  const { sql } = deps.db;
  const keys = readKeys(body);
  const owners = new Set((await ownersOf(sql, keys.all)).values());
  if (body.takesOver !== undefined) owners.add(await stubToTakeOver(sql, body.takesOver));
  if (owners.size > 1) {
    throw new Refusal(
      'state-conflict',
      'GLN, credit code and takesOver name different parties; register with those of one of them.',
    );
  }
  const [owner] = owners;
  if (owner !== undefined && (await partyById(sql, owner))?.fact.stub === false) {
    throw new Refusal(
      'already-exists',
      `The party ${owner} is registered with this GLN or credit code already.`,
    );
  }
  return draft(deps, body, keys, owner ?? newPartyId(), by);
}

/** The fact of a registered party's next version. */
export async function nextVersion(
  deps: Needs,
  current: Party,
  body: PartyBody,
  by: PartyId,
): Promise<PartyDraft> {
  const { id, stub, roles } = current.fact;
  if (stub) throw new Refusal('state-conflict', 'A stub has no account; register it with takesOver.');
  if (roles.includes('operator'))
    throw new Refusal('forbidden', 'The operator of the ledger stays what it is.');
  const keys = readKeys(body);
  for (const owner of (await ownersOf(deps.db.sql, keys.all)).values()) {
    if (owner !== id)
      throw new Refusal('already-exists', `The GLN or credit code belongs to the party ${owner}.`);
  }
  return draft(deps, body, keys, id, by);
}

async function stubToTakeOver(sql: Sql, id: string): Promise<PartyId> {
  const stub = await partyById(sql, id);
  if (stub === null) throw refusalAt('/takesOver', 'unknown-party', 'There is no party with this id.');
  if (!stub.fact.stub) throw refusalAt('/takesOver', 'state-conflict', 'This party has an account already.');
  return stub.fact.id;
}

interface Keys {
  readonly gln: Gln | null;
  readonly creditCode: CreditCode | null;
  readonly all: readonly string[];
}

function readKeys(body: PartyBody): Keys {
  const gln = body.gln === undefined ? null : required(parseGln(body.gln.trim()), '/gln');
  const creditCode =
    body.creditCode === undefined ? null : required(parseCreditCode(body.creditCode), '/creditCode');
  if (gln === null && creditCode === null) {
    throw new Refusal(
      'invalid-request',
      'Give the GLN or the unified social credit code of the party, or both.',
    );
  }
  const all = [
    ...(gln === null ? [] : [glnKey(gln)]),
    ...(creditCode === null ? [] : [creditCodeKey(creditCode)]),
  ];
  return { gln, creditCode, all };
}

async function draft(
  deps: Needs,
  body: PartyBody,
  keys: Keys,
  id: PartyId,
  by: PartyId,
): Promise<PartyDraft> {
  requireRegion(deps.policies, body.region, '/region');
  const jurisdiction = await readJurisdiction(deps, body);
  const contact: JsonObject | null = body.contact === undefined ? null : { ...body.contact };
  return {
    fact: {
      kind: 'party',
      by,
      id,
      stub: false,
      name: body.name.trim(),
      ...(body.nameEn === undefined ? {} : { nameEn: body.nameEn.trim() }),
      ...(keys.gln === null ? {} : { gln: keys.gln }),
      ...(keys.creditCode === null ? {} : { creditCode: keys.creditCode }),
      roles: body.roles,
      region: body.region,
      ...(body.address === undefined ? {} : { address: body.address.trim() }),
      ...(jurisdiction === null ? {} : { jurisdiction }),
    },
    ...(contact === null ? {} : { private: { contact } }),
  };
}

async function readJurisdiction(
  { db, policies }: Needs,
  { jurisdiction, roles }: PartyBody,
): Promise<NonNullable<PartyFact['jurisdiction']> | null> {
  if (jurisdiction === undefined) return null;
  if (!roles.includes('regulator')) {
    throw refusalAt('/jurisdiction', 'invalid-request', 'Only a regulator has a jurisdiction; remove it.');
  }
  for (const [i, region] of jurisdiction.regions.entries()) {
    if (region !== wholeCountry) requireRegion(policies, region, `/jurisdiction/regions/${i}`);
  }
  const places = await resolvePlaces(db.sql, jurisdiction.places ?? [], '/jurisdiction/places');
  return { regions: [...new Set(jurisdiction.regions)].sort(), places: [...new Set(places)].sort() };
}

/** What anybody with an account may know of a party, and with `whole` what only few may. */
export function partyView(policies: Policies, { seq, fact }: Party, whole: boolean): PartyView {
  const { id, name, nameEn, region, roles, stub, gln, creditCode, address, jurisdiction } = fact;
  return {
    id,
    name,
    ...(nameEn === undefined ? {} : { nameEn }),
    ...(region === undefined ? {} : { region, regionName: policies.regionName(region) }),
    roles: [...roles],
    stub,
    ...(whole && gln !== undefined ? { gln } : {}),
    ...(whole && creditCode !== undefined ? { creditCode } : {}),
    ...(whole && address !== undefined ? { address } : {}),
    ...(whole && jurisdiction !== undefined
      ? { jurisdiction: { regions: [...jurisdiction.regions], places: [...jurisdiction.places] } }
      : {}),
    seq,
  };
}
