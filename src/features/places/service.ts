/** What a place's own party says of it. */

import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import type { PlaceFact } from '../../core/log/fact.ts';
import { ownPlace } from '../../core/opaque-id.ts';
import { parseQuantity } from '../../core/quantity.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { requireParty } from '../parties/references.ts';
import { type Policies, requireRegion } from '../policies/policies.ts';
import { type Place, placeById } from './queries.ts';
import { parsePlace, resolvePlaces } from './references.ts';
import type { PlaceBody, PlaceVersion, PlaceView } from './schemas.ts';

type Needs = Pick<FeatureDeps, 'db' | 'policies'>;
interface PlaceDraft {
  readonly fact: PlaceFact;
}

/** The fact of a new place. A GLN has one place for ever: `already-exists`. */
export async function newPlace(deps: Needs, body: PlaceBody, by: Caller): Promise<PlaceDraft> {
  const { sql } = deps.db;
  const party = await ownerOf(deps, body.party, by);
  const id = body.id === undefined ? ownPlace(newId()) : required(parsePlace(body.id), '/id');
  if (body.id !== undefined && id.startsWith('place/')) {
    throw refusalAt(
      '/id',
      'invalid-identifier',
      'Ids of ours are given, not chosen; leave id out, or send a GLN.',
    );
  }
  if ((await placeById(sql, id)) !== null) {
    throw refusalAt('/id', 'already-exists', `${id} is registered already; its party changes it with PUT.`);
  }
  return { fact: await placeFact(deps, body, id, party, by.party) };
}

/** The fact of a place's next version. */
export async function nextVersion(
  deps: Needs,
  current: Place,
  body: PlaceVersion,
  by: Caller,
): Promise<PlaceDraft> {
  const { id, party } = current.fact;
  if (party !== by.party && !by.roles.includes('operator')) {
    throw new Refusal('forbidden', 'Only the party whose place it is changes it.');
  }
  return { fact: await placeFact(deps, body, id, party, by.party) };
}

async function ownerOf({ db, policies }: Needs, name: string | undefined, by: Caller): Promise<PartyId> {
  if (name === undefined) return by.party;
  const party = await requireParty(db.sql, policies, name, by.party, '/party');
  if (party !== by.party && !by.roles.includes('operator')) {
    throw refusalAt('/party', 'forbidden', 'Only the operator registers places of others.');
  }
  return party;
}

async function placeFact(
  deps: Needs,
  body: PlaceVersion,
  id: PlaceId,
  party: PartyId,
  by: PartyId,
): Promise<PlaceFact> {
  const { policies } = deps;
  requireRegion(policies, body.region, '/region');
  checkPosition(body.position);
  checkProject(policies, body);
  const [within] =
    body.within === undefined ? [] : await resolvePlaces(deps.db.sql, [body.within], '/within', false);
  if (within === id) throw refusalAt('/within', 'invalid-request', 'A place does not lie in itself.');
  return {
    kind: 'place',
    by,
    id,
    party,
    type: body.type,
    name: body.name.trim(),
    region: body.region,
    ...(body.address === undefined ? {} : { address: body.address.trim() }),
    ...(within === undefined ? {} : { within }),
    ...(body.position === undefined ? {} : { position: body.position }),
    ...(body.permit === undefined ? {} : { permit: body.permit.trim() }),
    ...(body.design === undefined ? {} : { design: body.design }),
  };
}

function checkPosition(position: PlaceVersion['position']): void {
  if (position === undefined) return;
  const limits = { latitude: 90, longitude: 180 } as const;
  for (const name of ['latitude', 'longitude'] as const) {
    if (Math.abs(Number(position[name])) <= limits[name]) continue;
    throw refusalAt(
      `/position/${name}`,
      'invalid-request',
      `The ${name} is at most ${limits[name]} degrees.`,
    );
  }
}

function checkProject(policies: Policies, { type, permit, design = [] }: PlaceVersion): void {
  if (type !== 'project' && (permit !== undefined || design.length > 0)) {
    const pointer = permit === undefined ? '/design' : '/permit';
    throw refusalAt(pointer, 'invalid-request', 'Only a project has a permit and a design list.');
  }
  for (const [i, { category, quantity, uom }] of design.entries()) {
    if (policies.category(category) === null) {
      const detail = `There is no category ${category}; see GET /v1/policies/categories.`;
      throw refusalAt(`/design/${i}/category`, 'invalid-request', detail);
    }
    required(parseQuantity(quantity, uom), `/design/${i}/quantity`);
  }
}

/** Where and what a place is; with `whole`, all that its party said of it. */
export function placeView(policies: Policies, { seq, fact }: Place, whole: boolean): PlaceView {
  const { id, party, type, name, region, address, within, position, permit, design } = fact;
  const seen = { id, party, type, name, region, regionName: policies.regionName(region), seq };
  if (!whole) return seen;
  return {
    ...seen,
    ...(address === undefined ? {} : { address }),
    ...(within === undefined ? {} : { within }),
    ...(position === undefined ? {} : { position }),
    ...(permit === undefined ? {} : { permit }),
    ...(design === undefined ? {} : { design: [...design] }),
  };
}
