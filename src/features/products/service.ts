/** What makers say of their products, and the operator of who owns a GTIN. */
import { randomInt } from 'node:crypto';
import type { PartyId } from '../../core/events/hop.ts';
import { type Gtin, isLocalGtin, localGtin, localGtinCount, parseGtin } from '../../core/gs1/identifiers.ts';
import type { GtinFact, ProductFact } from '../../core/log/fact.ts';
import { parseQuantity } from '../../core/quantity.ts';
import { parseDate } from '../../core/time.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { partyById } from '../parties/queries.ts';
import { requireParty } from '../parties/references.ts';
import type { Policies } from '../policies/policies.ts';
import { type Product, productByGtin } from './queries.ts';
import type { ProductBody, ProductVersion, ProductView, Vetting } from './schemas.ts';

type Needs = Pick<FeatureDeps, 'db' | 'policies'>;

/** The fact of a new product of a GTIN that its maker owns, or of a fresh local number. */
export async function newProduct(deps: Needs, body: ProductBody, by: Caller): Promise<{ fact: ProductFact }> {
  const { sql } = deps.db;
  const party = await makerOf(deps, body.party, by);
  const gtin = body.gtin === undefined ? await freshLocalGtin(sql) : required(parseGtin(body.gtin), '/gtin');
  if (body.gtin !== undefined) {
    const owner = (await ownersOf(sql, [gtinKey(gtin)])).get(gtinKey(gtin));
    if (owner !== party) {
      const detail = `${gtin} is not bound to this maker; the operator binds it after vetting, or leave gtin out.`;
      throw refusalAt('/gtin', 'gtin-not-owned', detail);
    }
    if ((await productByGtin(sql, gtin)) !== null) {
      throw refusalAt('/gtin', 'already-exists', `${gtin} is registered already; change it with PUT.`);
    }
  }
  return { fact: productFact(deps.policies, body, gtin, party, by.party) };
}

/** The fact of a product's next version. */
export function nextVersion(
  policies: Policies,
  current: Product,
  body: ProductVersion,
  by: Caller,
): { fact: ProductFact } {
  const { gtin, party } = current.fact;
  if (party !== by.party && !by.roles.includes('operator')) {
    throw new Refusal('gtin-not-owned', 'Only the maker changes what is said of its product.');
  }
  return { fact: productFact(policies, body, required(parseGtin(gtin)), party, by.party) };
}

async function makerOf({ db, policies }: Needs, name: string | undefined, by: Caller): Promise<PartyId> {
  const operator = by.roles.includes('operator');
  if (name === undefined) {
    if (operator) throw refusalAt('/party', 'invalid-request', 'The operator makes nothing; name the maker.');
    return by.party;
  }
  const party = await requireParty(db.sql, policies, name, by.party, '/party');
  if (party !== by.party && !operator) {
    throw refusalAt('/party', 'forbidden', 'Only the operator registers products of others.');
  }
  return party;
}

/** Ten billion numbers are free; one that is taken is drawn again, and the log refuses what two draw at once. */
async function freshLocalGtin(sql: Sql): Promise<Gtin> {
  for (;;) {
    const gtin = localGtin(randomInt(localGtinCount));
    if ((await ownersOf(sql, [gtinKey(gtin)])).size === 0) return gtin;
  }
}

function productFact(
  policies: Policies,
  body: ProductVersion,
  gtin: Gtin,
  party: PartyId,
  by: PartyId,
): ProductFact {
  if (policies.category(body.category) === null) {
    const detail = `There is no category ${body.category}; see GET /v1/policies/categories.`;
    throw refusalAt('/category', 'invalid-request', detail);
  }
  if (body.content !== undefined) {
    required(parseQuantity(body.content.quantity, body.content.uom), '/content/quantity');
  }
  return {
    kind: 'product',
    by,
    gtin,
    party,
    local: isLocalGtin(gtin),
    name: body.name.trim(),
    ...(body.nameEn === undefined ? {} : { nameEn: body.nameEn.trim() }),
    model: body.model.trim(),
    category: body.category,
    uom: body.uom,
    ...(body.serviceLifeMonths === undefined ? {} : { serviceLifeMonths: body.serviceLifeMonths }),
    ...(body.firstMaintenanceMonths === undefined
      ? {}
      : { firstMaintenanceMonths: body.firstMaintenanceMonths }),
    ...(body.maintenanceMonths === undefined ? {} : { maintenanceMonths: body.maintenanceMonths }),
    ...(body.content === undefined ? {} : { content: body.content }),
    ...(body.standard === undefined ? {} : { standard: body.standard.trim() }),
  };
}

/** The facts that bind GTINs to their owner. */
export async function vetting(deps: Needs, body: Vetting, by: Caller): Promise<{ fact: GtinFact }[]> {
  const { sql } = deps.db;
  const party = await requireParty(sql, deps.policies, body.party, by.party, '/party');
  const roles = (await partyById(sql, party))?.fact.roles ?? [];
  if (!roles.includes('manufacturer') && !roles.includes('importer')) {
    throw refusalAt('/party', 'state-conflict', 'GTINs are bound to registered manufacturers and importers.');
  }
  const vettedAt = required(parseDate(body.vettedAt), '/vettedAt');
  const gtins = body.gtins.map((text, i) => vettable(text, `/gtins/${i}`));
  const owners = await ownersOf(sql, gtins.map(gtinKey));
  return gtins.map((gtin, i) => {
    const pointer = `/gtins/${i}`;
    if (gtins.indexOf(gtin) < i)
      throw refusalAt(pointer, 'invalid-request', `${gtin} stands twice; send it once.`);
    const owner = owners.get(gtinKey(gtin));
    if (owner !== undefined && owner !== party) {
      throw refusalAt(pointer, 'already-exists', `${gtin} is bound to the party ${owner}.`);
    }
    const { evidence, vettedBy } = body;
    return { fact: { kind: 'gtin', by: by.party, gtin, party, evidence, vettedBy, vettedAt } };
  });
}

function vettable(text: string, pointer: string): Gtin {
  const gtin = required(parseGtin(text), pointer);
  if (!isLocalGtin(gtin)) return gtin;
  const detail = `${gtin} is a restricted circulation number, which nobody owns; register the product without gtin.`;
  throw refusalAt(pointer, 'invalid-identifier', detail);
}

/** A product as everybody sees it. */
export function productView(policies: Policies, { seq, fact }: Product): ProductView {
  const { kind: _, by: __, content, ...members } = fact;
  const { zh, en } = policies.category(fact.category) ?? { zh: fact.category, en: fact.category };
  return {
    ...members,
    categoryName: { zh, en },
    ...(content === undefined ? {} : { content: { ...content } }),
    seq,
  };
}
