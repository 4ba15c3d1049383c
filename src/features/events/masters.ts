/**
 * The few master data that a fold needs beside the history, kept in memory: parties that were named before they had
 * an account, delegations, certificates and which goods need them, how often products are maintained, and grace periods. Their tables only grow and commits
 * follow the order of seq, so catching up is reading what is beyond the last seq seen, and any earlier prefix of the log
 * can be asked for afterwards.
 */
import { chinaZone } from '../../core/china-dates.ts';
import type { PartyId, PlaceId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import type { MaintenanceInterval } from '../../core/life/maintenance.ts';
import type { CertificateFact } from '../../core/log/fact.ts';
import { certificationOf } from '../../core/rules/lists.ts';
import type { CertificateScope } from '../../core/rules/thing.ts';
import { defaultThresholds, graceMsOf, thresholdsOf } from '../../core/rules/thresholds.ts';
import { dayEnd, parseEventTime } from '../../core/time.ts';
import type { Sql } from '../../database/connection.ts';
import { counting } from '../certificates/validity.ts';

/** A version of a delegation: `to` may act for `from`. Times in ms since the epoch, both inclusive. */
export interface Delegation {
  readonly seq: number;
  readonly id: string;
  readonly from: PartyId;
  readonly to: PartyId;
  /** Empty: all of them. */
  readonly gtins: readonly string[];
  readonly places: ReadonlySet<PlaceId>;
  readonly acts: ReadonlySet<string>;
  readonly validFrom: number;
  readonly validUntil: number;
  /** When its revocation was recorded; Infinity while it stands. */
  readonly revoked: number;
}

export interface Masters {
  /** Reads what was recorded since. One statement. */
  catchUp(): Promise<void>;
  /** Catches up if this process has recorded such data since, or another may have a second ago. */
  freshen(): Promise<void>;
  /** Something was recorded that these data rest on. */
  expire(): void;
  /** The last entry that was read of them; -1 if none was. While it is the same, so are all answers. */
  last(): number;
  /**
   * When a party that was first named as a stub got its account: ms, Infinity while it has none, null for a party
   * that always had one. Only facts with seq < `before` count, here and below.
   */
  stubUntil(party: PartyId, before: number): number | null;
  /** The newest version of each delegation, revoked ones too. */
  delegations(before: number): readonly Delegation[];
  /** When certificates that cover the GTIN were valid, or null if none was ever recorded. */
  certificates(gtin: string, before: number): readonly CertificateScope[] | null;
  /** How long a counterparty may take to record its half of a movement, ms. */
  graceMs(before: number): number;
  /**
   * The first moment from which goods of it are made with a certificate, ms: by the list, or since its first certificate
   * began; null where neither says so.
   */
  certifiedFrom(gtin: string, before: number): number | null;
  /** What the product said of its maintenance, in order of seq. */
  maintenance(gtin: string, before: number): readonly MaintenanceInterval[];
}

/** A revocation or suspension that another process recorded counts here within this time. */
const freshMs = 1_000;

interface MasterRow {
  readonly kind: 'party' | 'delegation' | 'certificate' | 'product' | 'certification' | 'rules';
  readonly seq: number;
  readonly id: string;
  readonly stub: boolean | null;
  readonly at: number | null;
  /** Of certificates. */
  readonly status: CertificateFact['status'] | null;
  readonly one: PartyId | null;
  readonly other: PartyId | null;
  readonly body: MasterBody | null;
}
interface MasterBody {
  readonly gtins?: readonly string[];
  readonly places?: readonly PlaceId[];
  readonly acts?: readonly string[];
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly revoked?: boolean;
  readonly since?: string;
  readonly models?: readonly string[];
  readonly factories?: readonly PlaceId[];
  readonly issuer?: PartyId;
  readonly holder?: PartyId;
  readonly category?: string;
  readonly first?: number;
  readonly next?: number;
}

interface ProductVersion extends MaintenanceInterval {
  readonly category: string | null;
}

interface Certificate {
  readonly seq: number;
  readonly id: string;
  readonly status: CertificateFact['status'];
  readonly since: number;
  readonly validFrom: number;
  readonly validUntil: number;
  readonly models: readonly string[];
  readonly factories: readonly PlaceId[];
  readonly issuer: PartyId;
  readonly holder: PartyId;
}
/** A party first named as a stub; the account is the entry that ended that. */
interface Stub {
  readonly seq: number;
  account: { readonly seq: number; readonly at: number } | null;
}

export function createMasters(sql: Sql): Masters {
  const stubs = new Map<PartyId, Stub>();
  const delegations: Delegation[] = [];
  const certificates = new Map<string, Certificate[]>();
  const products = new Map<string, ProductVersion[]>();
  const certification: { readonly seq: number; readonly from: ReadonlyMap<string, string> }[] = [];
  const graces: { readonly seq: number; readonly ms: number }[] = [];
  let last = -1;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let current: { readonly before: number; readonly list: readonly Delegation[] } | null = null;

  async function read(): Promise<void> {
    const startedAt = performance.now();
    const rows = await sql<MasterRow[]>`
      SELECT 'party' AS kind, p.seq, p.id, p.stub, (SELECT at FROM entries e WHERE e.seq = p.seq) AS at,
        NULL AS status, NULL AS one, NULL AS other, NULL::jsonb AS body
      FROM parties p WHERE p.seq > ${last}
      UNION ALL
      SELECT 'delegation', d.seq, d.id, NULL, (SELECT at FROM entries e WHERE e.seq = d.seq), NULL, d.grantor,
        d.grantee, d.body
      FROM delegations d WHERE d.seq > ${last}
      UNION ALL
      SELECT 'certificate', seq, id, NULL, NULL, status, NULL, NULL, body FROM certificates WHERE seq > ${last}
      UNION ALL
      SELECT 'product', seq, gtin, NULL, NULL, NULL, NULL, NULL, jsonb_build_object('category', category,
        'first', body -> 'firstMaintenanceMonths', 'next', body -> 'maintenanceMonths')
      FROM products WHERE seq > ${last}
      UNION ALL
      SELECT name, seq, '', NULL, NULL, NULL, NULL, NULL, body FROM policies
      WHERE name IN ('certification', 'rules') AND seq > ${last}
      ORDER BY seq`;
    for (const row of rows) take(row);
    last = rows.at(-1)?.seq ?? last;
    if (rows.length > 0) current = null;
    readAt = startedAt;
  }

  function take(row: MasterRow): void {
    switch (row.kind) {
      case 'party':
        takeParty(row);
        break;
      case 'delegation':
        if (row.one !== null && row.other !== null) delegations.push(delegationOf(row, row.one, row.other));
        break;
      case 'certificate':
        if (row.status !== null) takeCertificate(certificateOf(row, row.status), row.body?.gtins ?? []);
        break;
      case 'product':
        append(products, row.id, productOf(row));
        break;
      case 'certification':
        certification.push({ seq: row.seq, from: certificationOf(row.body) });
        break;
      case 'rules':
        graces.push({ seq: row.seq, ms: graceMsOf(thresholdsOf({ ...row.body })) });
        break;
    }
  }

  function takeCertificate(version: Certificate, gtins: readonly string[]): void {
    for (const gtin of gtins) append(certificates, gtin, version);
  }

  function takeParty({ id, seq, stub, at }: MasterRow): void {
    const party = id as PartyId;
    const known = stubs.get(party);
    if (stub === true && known === undefined) stubs.set(party, { seq, account: null });
    else if (stub === false && known?.account === null) known.account = { seq, at: at ?? 0 };
  }

  const catchUp = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };

  return {
    async catchUp() {
      // One under way may have begun before what the caller wants to see was recorded.
      await reading?.catch(() => undefined);
      await catchUp();
    },
    async freshen() {
      if (performance.now() - readAt >= freshMs) await catchUp();
    },
    expire() {
      readAt = Number.NEGATIVE_INFINITY;
    },
    last: () => last,
    stubUntil(party, before) {
      const stub = stubs.get(party);
      if (stub === undefined || stub.seq >= before) return null;
      return stub.account !== null && stub.account.seq < before ? stub.account.at : Number.POSITIVE_INFINITY;
    },
    delegations(before) {
      const until = Math.min(before, last + 1);
      if (current?.before !== until) current = { before: until, list: newest(delegations, until) };
      return current.list;
    },
    certificates(gtin, before) {
      const versions = certificates.get(gtin)?.filter(({ seq }) => seq < before) ?? [];
      return versions.length === 0 ? null : validityOf(versions);
    },
    graceMs: (before) => graces.findLast(({ seq }) => seq < before)?.ms ?? graceMsOf(defaultThresholds),
    certifiedFrom(gtin, before) {
      const list = certification.findLast(({ seq }) => seq < before);
      const product = products.get(gtin)?.findLast(({ seq }) => seq < before);
      const day = list?.from.get(product?.category ?? '');
      const first = Math.min(
        day === undefined ? Number.POSITIVE_INFINITY : momentOf(day, 'first'),
        ...(certificates.get(gtin) ?? []).flatMap(({ seq, status, since, validFrom }) =>
          seq < before && status === 'issued' ? [Math.max(since, validFrom)] : [],
        ),
      );
      return first === Number.POSITIVE_INFINITY ? null : first;
    },
    maintenance(gtin, before) {
      const versions = products.get(gtin) ?? [];
      const newest = versions.at(-1);
      return newest === undefined || newest.seq < before
        ? versions
        : versions.filter(({ seq }) => seq < before);
    },
  };
}

/** The delegations that are not revoked. */
export const inForce = (masters: Masters): Delegation[] =>
  masters.delegations(Number.MAX_SAFE_INTEGER).filter(({ revoked }) => revoked === Number.POSITIVE_INFINITY);

function newest(versions: readonly Delegation[], before: number): Delegation[] {
  const byId = new Map<string, Delegation>();
  for (const version of versions) if (version.seq < before) byId.set(version.id, version);
  return [...byId.values()];
}

/**
 * The periods in which certificates were in force (certificates/validity.ts): issued, until they ran out or anything that
 * was recorded later took over, were it from an earlier day.
 */
function validityOf(versions: readonly Certificate[]): CertificateScope[] {
  const byId = new Map<string, Certificate[]>();
  for (const version of versions) append(byId, version.id, version);
  return [...byId.values()].flatMap((all) => {
    const found: CertificateScope[] = [];
    let overruled = Number.POSITIVE_INFINITY;
    for (const version of [...counting(all)].reverse()) {
      const { seq, status, since, validFrom, validUntil, models, factories, issuer, holder } = version;
      const [from, until] = [Math.max(validFrom, since), Math.min(validUntil, overruled - 1)];
      if (status === 'issued' && from <= until)
        found.push({ seq, from, until, models, factories, issuer, holder });
      overruled = Math.min(overruled, since);
    }
    return found.reverse();
  });
}

const productOf = ({ seq, body }: MasterRow): ProductVersion => ({
  seq,
  category: body?.category ?? null,
  first: body?.first ?? null,
  next: body?.next ?? null,
});

const delegationOf = ({ seq, id, at, body }: MasterRow, from: PartyId, to: PartyId): Delegation => ({
  seq,
  id,
  from,
  to,
  gtins: body?.gtins ?? [],
  places: new Set(body?.places),
  acts: new Set(body?.acts),
  validFrom: momentOf(body?.validFrom, 'first'),
  validUntil: momentOf(body?.validUntil, 'last'),
  revoked: body?.revoked === true ? (at ?? 0) : Number.POSITIVE_INFINITY,
});

const certificateOf = ({ seq, id, body }: MasterRow, status: CertificateFact['status']): Certificate => ({
  seq,
  id,
  status,
  since: momentOf(body?.since, 'first'),
  validFrom: momentOf(body?.validFrom, 'first'),
  validUntil: momentOf(body?.validUntil, 'last'),
  models: body?.models ?? [],
  factories: body?.factories ?? [],
  issuer: body?.issuer ?? ('' as PartyId),
  holder: body?.holder ?? ('' as PartyId),
});

/**
 * First or last moment of a day in China, where certificates and delegations are written, or a date-time as it is; without
 * one, no bound.
 */
function momentOf(text: string | undefined, end: 'first' | 'last'): number {
  const none = end === 'first' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (text === undefined) return none;
  if (text.length === 10 && end === 'last') return dayEnd(text, chinaZone) ?? none;
  const time = parseEventTime(text.length === 10 ? `${text}${chinaZone}` : text);
  if (!time.ok) return none;
  return end === 'first' ? time.value.from : time.value.until;
}
