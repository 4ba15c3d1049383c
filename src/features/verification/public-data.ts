/**
 * What everybody may know beside a code's own history: products, their makers, certificates, regions, and which key may
 * sign for whom. Codes are many and these are few, so they are kept in memory; once a second at most, and at once after
 * this process recorded such a fact, one statement asks whether the log has moved on, and if so all is read anew.
 */
import type { KeyObject } from 'node:crypto';
import type { TrustedKey } from '../../core/codes/trust-list.ts';
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import type { FactKind, PartyFact, PlaceFact, ProductFact } from '../../core/log/fact.ts';
import { publicKeyOf } from '../../core/log/note.ts';
import { parsePartyId } from '../../core/opaque-id.ts';
import type { Sql } from '../../database/connection.ts';
import { required } from '../../errors.ts';
import { type Certificate, certificatesOf } from '../certificates/queries.ts';
import type { FeatureDeps } from '../feature.ts';
import { cosignedBefore } from '../keys/queries.ts';
import { trustList } from '../keys/trust-list.ts';
import { partiesById } from '../parties/queries.ts';
import { placesById } from '../places/queries.ts';
import { productsByGtin } from '../products/queries.ts';

export interface KnownKey {
  readonly trusted: TrustedKey;
  readonly party: PartyId;
  readonly publicKey: KeyObject;
  /** Entries under a checkpoint that a witness cosigned before the key was compromised; 0 where none did. */
  readonly cosigned: number;
}

export interface Wanted {
  readonly gtins: Iterable<string>;
  readonly parties: Iterable<PartyId>;
  readonly places: Iterable<PlaceId>;
}

/** One state of these data. Look-ups answer for what has been loaded; undefined is what does not exist. */
export interface PublicData {
  key(kid: string): KnownKey | undefined;
  product(gtin: string): ProductFact | undefined;
  /** Each certificate that covers the product, the one of which anything was recorded last first. */
  certificates(gtin: string): readonly Certificate[];
  party(id: PartyId): PartyFact | undefined;
  place(id: PlaceId): PlaceFact | undefined;
  /** Reads what of the wanted is not in memory: four statements at most, however many. */
  load(wanted: Wanted): Promise<void>;
}

const freshMs = 1000;
/** Things in memory; beyond, all but the keys is forgotten. */
const keptMax = 100_000;
const kinds: readonly FactKind[] = ['party', 'place', 'gtin', 'product', 'delegation', 'certificate', 'key'];

type Deps = Pick<FeatureDeps, 'db' | 'reads' | 'ledger' | 'keystore' | 'genesis' | 'now'>;

/** Returns a function that answers the data of this moment, at most a second old. */
export function publicData(deps: Deps): () => Promise<PublicData> {
  let current: { readonly stamp: string; readonly data: Kept } | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let expiries = 0;
  let reading: Promise<PublicData> | null = null;

  deps.ledger.onCommit((recorded) => {
    if (!kinds.some((kind) => recorded.has(kind))) return;
    readAt = Number.NEGATIVE_INFINITY;
    expiries++;
    // Whoever asks from now on must see what was recorded: a reading under way may have begun before.
    reading = null;
  });

  async function read(): Promise<PublicData> {
    const before = expiries;
    const startedAt = performance.now();
    const stamp = await stampOf(deps.reads.sql);
    if (current === null || current.stamp !== stamp || current.data.size > keptMax) {
      current = { stamp, data: await gather(deps) };
    }
    if (before === expiries) readAt = startedAt;
    return current.data;
  }

  return async () => {
    if (current !== null && performance.now() - readAt < freshMs) return current.data;
    reading ??= read();
    const mine = reading;
    try {
      return await mine;
    } finally {
      if (reading === mine) reading = null;
    }
  };
}

/** Changes whenever one of the tables does: they only grow. */
async function stampOf(sql: Sql): Promise<string> {
  const [row] = await sql<{ stamp: string }[]>`
    SELECT concat_ws(' ', (SELECT max(seq) FROM parties), (SELECT max(seq) FROM places),
      (SELECT max(seq) FROM owners), (SELECT max(seq) FROM products), (SELECT max(seq) FROM delegations),
      (SELECT max(seq) FROM certificates), (SELECT max(seq) FROM keys)) AS stamp`;
  return row?.stamp ?? '';
}

interface Kept extends PublicData {
  readonly size: number;
}

async function gather(deps: Deps): Promise<Kept> {
  const { sql } = deps.reads;
  const { list } = await trustList(deps);
  const cosigned = await cosignedBefore(sql, list.keys);
  const keys = new Map<string, KnownKey>(
    list.keys.map((trusted) => [
      trusted.kid,
      {
        trusted,
        party: required(parsePartyId(trusted.party)),
        publicKey: publicKeyOf({ publicKey: Buffer.from(trusted.x, 'base64url') }),
        cosigned: cosigned.get(trusted.kid) ?? 0,
      },
    ]),
  );
  const products = new Map<string, ProductFact | undefined>();
  const certificates = new Map<string, readonly Certificate[] | undefined>();
  const parties = new Map<PartyId, PartyFact | undefined>();
  const places = new Map<PlaceId, PlaceFact | undefined>();

  const loadParties = (ids: Iterable<PartyId>): Promise<void> =>
    fill(parties, ids, async (missing) => mapped(await partiesById(sql, missing), (party) => party.fact));

  return {
    key: (kid) => keys.get(kid),
    product: (gtin) => products.get(gtin),
    certificates: (gtin) => certificates.get(gtin) ?? [],
    party: (id) => parties.get(id),
    place: (id) => places.get(id),
    get size() {
      return products.size + certificates.size + parties.size + places.size;
    },
    async load(wanted) {
      const gtins = [...new Set(wanted.gtins)];
      await Promise.all([
        fill(products, gtins, async (missing) =>
          mapped(await productsByGtin(sql, missing), (product) => product.fact),
        ),
        fill(certificates, gtins, async (missing) => {
          const found = await certificatesOf(sql, missing);
          return new Map(missing.map((gtin) => [gtin, newestFirst(found.get(gtin) ?? [])]));
        }),
        fill(places, wanted.places, async (missing) =>
          mapped(await placesById(sql, missing), (place) => place.fact),
        ),
      ]);
      const makers = gtins.flatMap((gtin) => products.get(gtin)?.party ?? []);
      const bodies = gtins.flatMap((gtin) => (certificates.get(gtin) ?? []).map(([{ fact }]) => fact.issuer));
      await loadParties([...wanted.parties, ...makers, ...bodies]);
    },
  };
}

const newestFirst = (certificates: readonly Certificate[]): readonly Certificate[] =>
  [...certificates].sort((a, b) => (b.at(-1) ?? b[0]).seq - (a.at(-1) ?? a[0]).seq);

/** Loads what the map does not have; what is not found is remembered as undefined. */
async function fill<K, V>(
  map: Map<K, V | undefined>,
  keys: Iterable<K>,
  load: (missing: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): Promise<void> {
  const missing = [...new Set(keys)].filter((key) => !map.has(key));
  if (missing.length === 0) return;
  const found = await load(missing);
  for (const key of missing) map.set(key, found.get(key));
}

const mapped = <K, V, W>(map: ReadonlyMap<K, V>, of: (value: V) => W): Map<K, W> =>
  new Map([...map].map(([key, value]) => [key, of(value)]));
