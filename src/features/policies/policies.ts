/**
 * Data that rules depend on, in force because the log says so. The service brings what it was delivered with
 * into the log when it starts, and then works with what the log holds.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { PartyId } from '../../core/events/hop.ts';
import { isRegion, type RegionName, type RegionNames, regionName } from '../../core/region.ts';
import type { ListName } from '../../core/rules/lists.ts';
import { defaultThresholds } from '../../core/rules/thresholds.ts';
import { canonical, type JsonObject } from '../../core/text/canonical.ts';
import type { Database } from '../../database/connection.ts';
import { refusalAt } from '../../errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { idempotencyOf } from '../../ledger/submission.ts';
import { type Category, categories } from './data/categories.ts';
import { packagedRegions } from './data/regions.ts';

const names = Type.Record(Type.String(), Type.String());
const bodies = {
  regions: Type.Object({ zh: names, en: names }),
  categories: Type.Record(
    Type.String(),
    Type.Object({
      zh: Type.String(),
      en: Type.String(),
      within: Type.Optional(Type.String()),
      key: Type.Optional(Type.Literal(true)),
    }),
  ),
} as const satisfies Record<string, TSchema>;

type PolicyName = keyof typeof bodies;
export const policyNames: readonly PolicyName[] = ['regions', 'categories'];
/** Thresholds of the rules: delivered once, then the operator's affair. */
export const rulesPolicy = 'rules';

/** What is in force. */
export interface Policies {
  readonly regions: RegionNames;
  readonly categories: Readonly<Record<string, Category>>;
  /** The entry that brought each into force. */
  readonly since: Readonly<Record<PolicyName, number>>;
  isRegion(code: string): boolean;
  /** 浙江省杭州市西湖区, down to the level asked for. */
  regionName(code: string, level?: 'province' | 'prefecture' | 'county'): RegionName;
  category(key: string): Category | null;
}

/** The bodies the service is delivered with, as JSON. */
const delivered = (): Readonly<Record<PolicyName, JsonObject>> => {
  const { zh, en } = packagedRegions();
  return {
    regions: { zh, en },
    categories: Object.fromEntries(
      Object.entries(categories).map(([key, category]) => [key, { ...category }]),
    ),
  };
};

interface Stored {
  readonly seq: number;
  readonly body: JsonObject;
}

/** What stands in the log under a name, in its newest version. */
export async function newest(
  { sql }: Database,
  name: PolicyName | ListName | typeof rulesPolicy,
): Promise<Stored | null> {
  const [row] = await sql<Stored[]>`
    SELECT seq, body FROM policies WHERE name = ${name} ORDER BY seq DESC LIMIT 1`;
  return row ?? null;
}

/** Records what was delivered where the log says otherwise. Several processes may start at once. */
export async function ensurePolicies(db: Database, ledger: Ledger, operator: PartyId): Promise<Policies> {
  const wanted = delivered();
  for (const name of policyNames) {
    const body = wanted[name];
    const stored = await newest(db, name);
    const text = canonical(body);
    if (stored !== null && canonical(stored.body) === text) continue;
    // The key says what it follows, so that of two processes that start alike only one records it.
    const key = `${name} after ${stored?.seq ?? 'nothing'}`;
    await ledger.append(
      [{ fact: { kind: 'policy', by: operator, name, body } }],
      idempotencyOf('policy', operator, key, text),
    );
  }
  if ((await newest(db, rulesPolicy)) === null) {
    const body = { ...defaultThresholds };
    const idempotency = idempotencyOf('policy', operator, rulesPolicy, canonical(body));
    await ledger.append([{ fact: { kind: 'policy', by: operator, name: rulesPolicy, body } }], idempotency);
  }
  return loadPolicies(db);
}

/** Refuses what is no code of GB/T 2260 with `invalid-region`. */
export function requireRegion(policies: Policies, code: string, pointer: string): void {
  if (policies.isRegion(code)) return;
  throw refusalAt(
    pointer,
    'invalid-region',
    `${code} is no code of GB/T 2260; see GET /v1/policies/regions.`,
  );
}

/** What the log holds. */
async function loadPolicies(db: Database): Promise<Policies> {
  const [regions, listed] = await Promise.all([
    load(db, 'regions', bodies.regions),
    load(db, 'categories', bodies.categories),
  ]);
  return {
    regions: regions.body,
    categories: listed.body,
    since: { regions: regions.seq, categories: listed.seq },
    isRegion: (code) => isRegion(regions.body, code),
    regionName: (code, level) => regionName(regions.body, code, level),
    category: (key) => (Object.hasOwn(listed.body, key) ? (listed.body[key] ?? null) : null),
  };
}

async function load<S extends TSchema>(
  db: Database,
  name: PolicyName,
  schema: S,
): Promise<{ seq: number; body: Static<S> }> {
  const stored = await newest(db, name);
  if (stored === null) throw new Error(`the log holds no policy ${name}`);
  const { seq, body } = stored;
  Value.Assert(schema, body);
  return { seq, body };
}
