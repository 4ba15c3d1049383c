/** Operational: what the service needs to run and no fact rests on. Each has its own grants. */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { bytea, count } from './columns.ts';

/** One row: where the log ends. Locking it is what makes several processes one writer. */
export const head = pgTable('head', {
  id: smallint('id').primaryKey(),
  size: count('size').notNull(),
  at: count('at').notNull(),
  leaf: bytea('leaf').notNull(),
  /** Peaks of the Merkle tree, largest first, 32 bytes each (RFC 6962 §2.1). */
  frontier: bytea('frontier').notNull(),
  nextUnit: count('next_unit').notNull(),
});

/** Requests already answered: hash of (party, key) → hash of the bytes and the entries they became. */
export const idempotency = pgTable('idempotency', {
  key: bytea('key').primaryKey(),
  request: bytea('request').notNull(),
  seq: count('seq').notNull(),
  facts: integer('facts').notNull(),
});

/** How far each follower has read the log. */
export const followers = pgTable('followers', {
  name: text('name').primaryKey(),
  size: count('size').notNull(),
});

/** Secrets of API clients as HMAC-SHA-256 under a key derived from the master key. */
export const clientSecrets = pgTable('client_secrets', {
  client: text('client').primaryKey(),
  hmac: bytea('hmac').notNull(),
});

/**
 * What contacts of registered parties are compared by, of the newest version of each: HMAC-SHA-256 under a secret of the
 * keystore (features/parties/contacts.ts). It goes with the personal data that it was made of.
 */
export const contacts = pgTable(
  'contacts',
  {
    key: bytea('key').notNull(),
    party: text('party').notNull(),
    kind: text('kind').notNull(),
    /** Entry of the version of the party. */
    seq: count('seq').notNull(),
  },
  (t) => [primaryKey({ columns: [t.key, t.party] }), index('contacts_party').on(t.party)],
);

/** Private keys held for makers and for the service, wrapped with the master key (AES-256-GCM). */
export const privateKeys = pgTable('private_keys', {
  kid: text('kid').primaryKey(),
  wrapped: bytea('wrapped').notNull(),
});

/** Proves that a master key is the right one before anything is unwrapped with it. */
export const masterKeyCheck = pgTable('master_key_check', {
  id: smallint('id').primaryKey(),
  check: bytea('check_value').notNull(),
});

/** Batches being issued; the issue facts are the truth of what was. */
export const batchJobs = pgTable(
  'batch_jobs',
  {
    id: text('id').primaryKey(),
    party: text('party').notNull(),
    key: text('idempotency_key').notNull(),
    request: bytea('request').notNull(),
    body: jsonb('body').notNull(),
    createdAt: count('created_at').notNull(),
    /** The lot that its codes are for, as canonical identifier. */
    lot: text('lot').notNull(),
    total: integer('total').notNull(),
    state: text('state').notNull(),
    error: text('error'),
    /** Until when the process that runs it need not be helped. */
    leaseUntil: count('lease_until').notNull(),
  },
  (t) => [
    uniqueIndex('batch_jobs_key').on(t.party, t.key),
    index('batch_jobs_lot').on(t.lot, t.createdAt),
    index('batch_jobs_running').on(t.createdAt).where(sql`state = 'running'`),
  ],
);

/** Serials a manufacturer brought, kept until the batch is issued. */
export const batchSerials = pgTable(
  'batch_serials',
  { batch: text('batch').notNull(), part: integer('part').notNull(), serials: jsonb('serials').notNull() },
  (t) => [primaryKey({ columns: [t.batch, t.part] })],
);

/** EPCIS documents being captured; what was recorded of one says the log. */
export const captures = pgTable(
  'captures',
  {
    id: text('id').primaryKey(),
    party: text('party').notNull(),
    /** The client that sent it and the roles it acted in: a job goes by the rights of the request that made it. */
    client: text('client').notNull(),
    roles: jsonb('roles').notNull(),
    createdAt: count('created_at').notNull(),
    finishedAt: count('finished_at'),
    behaviour: text('behaviour').notNull(),
    state: text('state').notNull(),
    /** The document as JSON, until the job is over. */
    document: text('document'),
    /** SHA-256 of the XML that it was sent as, base64url. */
    original: text('original'),
    total: integer('total').notNull(),
    /** Events of it that have been dealt with, in order. */
    done: integer('done').notNull(),
    /** What was wrong with which event. */
    errors: jsonb('errors').notNull(),
    /** Events with which something was wrong, more than are told. */
    erring: integer('erring').notNull().default(0),
    /** Until when the process that runs it need not be helped. */
    leaseUntil: count('lease_until').notNull(),
  },
  (t) => [
    index('captures_party').on(t.party, t.createdAt, t.id),
    index('captures_running').on(t.createdAt).where(sql`state = 'running'`),
  ],
);

/** Queries that parties keep under names of their own (EPCIS 2.0 §12.8). */
export const epcisQueries = pgTable(
  'epcis_queries',
  {
    party: text('party').notNull(),
    name: text('name').notNull(),
    /** JSON. */
    definition: text('definition').notNull(),
    createdAt: count('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.party, t.name] })],
);

/** Where new events of named queries are sent, and how far that has come (features/epcis/subscriptions.ts). */
export const epcisSubscriptions = pgTable(
  'epcis_subscriptions',
  {
    id: text('id').primaryKey(),
    party: text('party').notNull(),
    /** The client that made it and the roles it acted in: events are read by the rights of that request. */
    client: text('client').notNull(),
    roles: jsonb('roles').notNull(),
    query: text('query').notNull(),
    dest: text('dest').notNull(),
    /** What signs the messages, wrapped. */
    secret: bytea('secret').notNull(),
    format: text('format').notNull(),
    /** Media type of the messages, and how words of the standard are written in XML. */
    mediaType: text('media_type').notNull().default('application/json'),
    words: text('words').notNull().default('No_Preference'),
    /** Null for a stream. */
    schedule: jsonb('schedule'),
    reportIfEmpty: boolean('report_if_empty').notNull(),
    createdAt: count('created_at').notNull(),
    initialRecordTime: count('initial_record_time'),
    minRecordTime: count('min_record_time').notNull(),
    lastNotifiedAt: count('last_notified_at'),
    /** Entries before have arrived. */
    watermark: count('watermark').notNull(),
    begun: boolean('begun').notNull(),
    /** When it is looked at next; null when it was given up. */
    dueAt: count('due_at'),
    leaseUntil: count('lease_until').notNull(),
    /** Failures in a row, and when they began. */
    failures: integer('failures').notNull(),
    failingSince: count('failing_since'),
    stoppedAt: count('stopped_at'),
  },
  (t) => [
    index('epcis_subscriptions_query').on(t.party, t.query, t.id),
    index('epcis_subscriptions_due').on(t.dueAt).where(sql`due_at IS NOT NULL`),
  ],
);

/** Tokens of next pages that parties gave back, by their hash, until they would have expired. */
export const epcisReleasedTokens = pgTable(
  'epcis_released_tokens',
  {
    party: text('party').notNull(),
    token: text('token').notNull(),
    until: count('until').notNull(),
  },
  (t) => [primaryKey({ columns: [t.party, t.token] }), index('epcis_released_tokens_until').on(t.until)],
);

/** How far the things that an order is about are written down. */
export const orderRolls = pgTable('order_rolls', {
  /** Entry of the order. */
  seq: count('seq').primaryKey(),
  /** Size of the log that the roll is true for. */
  size: count('size').notNull(),
  /** What is being looked through (features/orders/candidates.ts), and up to where. */
  phase: text('phase').notNull(),
  position: count('position').notNull(),
  level: integer('level').notNull(),
  /** Of the code that it was made by (features/orders/rolls.ts). */
  version: integer('version').notNull().default(0),
});

/** The things that orders are about, and where they are. Goods by measure stand once for each holder. */
export const orderThings = pgTable(
  'order_things',
  {
    seq: count('seq').notNull(),
    unit: count('unit').notNull(),
    /** Tells several holders of one lot apart. */
    i: integer('i').notNull(),
    /** 0 for what went through itself, else how many times it was made into something else. */
    level: integer('level').notNull(),
    fate: text('fate').notNull(),
    holder: text('holder'),
    /** The unit of measure to tell it in. */
    uom: text('uom').notNull(),
    /** In grains (src/core/measures.ts). */
    amount: numeric('amount', { precision: 60, scale: 0 }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.seq, t.unit, t.i] }),
    index('order_things_unit').on(t.unit),
    index('order_things_holder').on(t.seq, t.holder),
  ],
);

/** What came to a roll and left it after the order was made, by which entry. */
export const orderChanges = pgTable(
  'order_changes',
  {
    seq: count('seq').notNull(),
    entry: count('entry').notNull(),
    unit: count('unit').notNull(),
    /** `in` or `out`. */
    change: text('change').notNull(),
  },
  (t) => [primaryKey({ columns: [t.seq, t.entry, t.unit] })],
);

/** What parties are told, each thing once. */
export const notices = pgTable(
  'notices',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    party: text('party').notNull(),
    at: count('at').notNull(),
    /** Of features/inbox/queries.ts. */
    kind: text('kind').notNull(),
    /** Entry of the order, of its release or of a failed sample. */
    seq: count('seq').notNull(),
    /** Entry that it tells of. */
    entry: count('entry').notNull().default(0),
  },
  (t) => [
    uniqueIndex('notices_once').on(t.party, t.kind, t.seq, t.entry),
    index('notices_party').on(t.party, t.id),
    index('notices_seq').on(t.seq),
  ],
);

/** Where parties want their notices sent, and how far that has come (features/webhooks/queries.ts). */
export const webhooks = pgTable(
  'webhooks',
  {
    id: text('id').primaryKey(),
    party: text('party').notNull(),
    url: text('url').notNull(),
    createdAt: count('created_at').notNull(),
    /** The last notice that arrived, and the last there is. */
    cursor: count('cursor').notNull(),
    latest: count('latest').notNull(),
    /** When the next is sent. */
    dueAt: count('due_at'),
    /** Until when the process that sends it need not be helped. */
    leaseUntil: count('lease_until').notNull(),
    /** Failures in a row, and when they began. */
    failures: integer('failures').notNull(),
    failingSince: count('failing_since'),
    stoppedAt: count('stopped_at'),
    /** The last attempts, newest first. */
    attempts: jsonb('attempts').notNull(),
  },
  (t) => [
    index('webhooks_party').on(t.party, t.createdAt, t.id),
    index('webhooks_due').on(t.dueAt).where(sql`due_at IS NOT NULL`),
  ],
);

/** What the public reports. Whoever sent one is not known here; the receipt code is a keyed hash. */
export const reports = pgTable(
  'reports',
  {
    id: text('id').primaryKey(),
    receipt: bytea('receipt').notNull(),
    at: count('at').notNull(),
    category: text('category').notNull(),
    text: text('text').notNull(),
    region: text('region').notNull(),
    place: text('place'),
    /** As sent, when it could not be read. */
    code: text('code'),
    epc: text('epc'),
    gtin: text('gtin'),
    contact: text('contact'),
    /** Who reported, as a JWE that only the authority opens. */
    sealed: text('sealed'),
    /** The code bears a signature that is not good: it is not of the thing that it names. */
    forged: boolean('forged').notNull(),
    /** `districtOf` the region. */
    district: text('district').notNull(),
    /** The first about its product from its address in its week. */
    counts: boolean('counts').notNull(),
  },
  (t) => [
    uniqueIndex('reports_receipt').on(t.receipt),
    index('reports_at').on(t.at, t.id),
    index('reports_region').on(t.region, t.at),
    index('reports_epc').on(t.epc, t.at).where(sql`epc IS NOT NULL`),
    index('reports_counting').on(t.at, t.gtin, t.district, t.id).where(sql`counts`),
    index('reports_cell').on(t.gtin, t.district, t.at).where(sql`counts`),
  ],
);

/** What officers did about reports, in order. */
export const reportSteps = pgTable(
  'report_steps',
  {
    report: text('report').notNull(),
    n: integer('n').notNull(),
    at: count('at').notNull(),
    state: text('state').notNull(),
    /** What whoever reported is told. */
    answer: text('answer'),
    by: text('by').notNull(),
    /** Whether it was founded, of steps from before that was an entry of the log (`report_decisions`). */
    outcome: text('outcome'),
  },
  (t) => [primaryKey({ columns: [t.report, t.n] })],
);

/** Photos of reports; the files lie in the data folder by their SHA-256. */
export const reportPhotos = pgTable(
  'report_photos',
  {
    report: text('report').notNull(),
    n: integer('n').notNull(),
    sha256: bytea('sha256').notNull(),
    bytes: integer('bytes').notNull(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    at: count('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.report, t.n] })],
);

/** What was erased from reports, by whom and on what ground. */
export const reportErasures = pgTable(
  'report_erasures',
  {
    n: bigint('n', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    report: text('report').notNull(),
    at: count('at').notNull(),
    by: text('by').notNull(),
    /** Of `erasableParts` (core/report.ts), separated by blanks. */
    parts: text('parts').notNull(),
    ground: text('ground').notNull(),
    number: text('number'),
  },
  (t) => [index('report_erasures_report').on(t.report, t.n)],
);

/** Public keys of authorities, to which reports are sealed; the newest of each counts. */
export const reportKeys = pgTable('report_keys', {
  n: bigint('n', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  party: text('party').notNull(),
  at: count('at').notNull(),
  kid: text('kid').notNull(),
  x: text('x').notNull(),
  y: text('y').notNull(),
});

/**
 * How many reports came from an address on a day, and about one product in a week: the last day since the epoch on which
 * the row is kept (four bytes), twelve bytes of a keyed hash.
 */
export const reportCounts = pgTable('report_counts', {
  device: bytea('device').primaryKey(),
  count: integer('count').notNull(),
});

/**
 * Who looked at a code, when; deleted after the configured time. One row a thing, device and day, however often
 * the page is opened again.
 */
export const scans = pgTable(
  'scans',
  {
    unit: count('unit').notNull(),
    /**
     * Day since the epoch (UTC, four bytes), then twelve bytes of a keyed hash of address and agent, under a key that
     * changes every day: a device cannot be followed from one day to the next, and a unit's rows come in order of day.
     */
    device: bytea('device').notNull(),
    at: count('at').notNull(),
    verdict: text('verdict').notNull(),
    /** Coarse region the scanner chose to give. */
    region: text('region'),
    /** Link previews and crawlers; parties that scan with their token. Neither counts as public. */
    robot: boolean('robot').notNull(),
    own: boolean('own').notNull(),
  },
  (t) => [primaryKey({ columns: [t.unit, t.device] }), index('scans_at').using('brin', t.at)],
);

/**
 * Who scanned a code that bears the GTIN of an owner here and that no entry names, or whose signature is not good; deleted
 * as `scans` are. One row a product, network and week, and no more than so many a product and week.
 */
export const strayScans = pgTable(
  'stray_scans',
  {
    gtin: text('gtin').notNull(),
    /** The first day of the week as in `scans`, then a keyed hash of network, product and week. */
    device: bytea('device').notNull(),
    at: count('at').notNull(),
    /** Eight bytes of a keyed hash of what was scanned: says whether it was this code, and nothing else. */
    code: bytea('code').notNull(),
    /** Coarse region the scanner chose to give. */
    region: text('region'),
    /** The signature was not good. */
    forged: boolean('forged').notNull(),
  },
  (t) => [primaryKey({ columns: [t.gtin, t.device] }), index('stray_scans_at').using('brin', t.at)],
);

/** What rules find in clues (core/rules/clues.ts): no fact, and so not derived from the log. Times are of the clues. */
export const clueFindings = pgTable(
  'clue_findings',
  {
    /** Canonical identifier. */
    thing: text('thing').notNull(),
    rule: text('rule').notNull(),
    caseId: text('case_id').notNull(),
    severity: text('severity').notNull(),
    foundAt: count('found_at').notNull(),
    firstAt: count('first_at').notNull(),
    lastAt: count('last_at').notNull(),
    count: integer('count').notNull(),
    /** GB/T 2260 codes, separated by spaces. */
    regions: text('regions').notNull(),
    /** When it was explained, or nothing was left that it rests on; null while it stands. */
    closedAt: count('closed_at'),
    /** When it was last looked at again. */
    checkedAt: count('checked_at').notNull(),
    /** Of a rule that compares with what is usual: how many were expected, and from how many on it is found. */
    expected: doublePrecision('expected'),
    needed: integer('needed'),
  },
  (t) => [
    primaryKey({ columns: [t.thing, t.rule, t.caseId] }),
    index('clue_findings_found').on(t.foundAt, t.thing),
    index('clue_findings_case').on(t.caseId),
    index('clue_findings_checked').on(t.checkedAt).where(sql`closed_at IS NULL`),
  ],
);

/** Cases of such findings; members as in `cases`. */
export const clueCases = pgTable(
  'clue_cases',
  {
    id: text('id').primaryKey(),
    rule: text('rule').notNull(),
    severity: text('severity').notNull(),
    party: text('party').notNull(),
    region: text('region').notNull(),
    gtin: text('gtin').notNull(),
    maker: text('maker').notNull(),
    makerRegion: text('maker_region').notNull(),
    openedAt: count('opened_at').notNull(),
    watch: boolean('watch').notNull(),
    /** GB/T 2260, of what is found of a product in a district, whose region it is then; empty for all else. */
    district: text('district').notNull(),
  },
  (t) => [
    index('clue_cases_subject').on(t.rule, t.party, t.gtin, t.district, t.openedAt),
    index('clue_cases_opened').on(t.openedAt, t.id),
  ],
);

/** As `case_links`, for cases of clues. */
export const clueCaseLinks = pgTable(
  'clue_case_links',
  { caseId: text('case_id').notNull(), kind: text('kind').notNull(), value: text('value').notNull() },
  (t) => [
    primaryKey({ columns: [t.caseId, t.kind, t.value] }),
    index('clue_case_links_value').on(t.kind, t.value),
  ],
);

/** Who read whose data, when. */
export const readAudit = pgTable(
  'read_audit',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    at: count('at').notNull(),
    party: text('party').notNull(),
    client: text('client').notNull(),
    route: text('route').notNull(),
    subject: text('subject').notNull(),
    /** Under which mandate, if under one. */
    mandate: text('mandate'),
  },
  (t) => [
    index('read_audit_at').using('brin', t.at),
    index('read_audit_mandate').on(t.mandate, t.id).where(sql`mandate IS NOT NULL`),
  ],
);

/** Signed checkpoints, in order of size: what the world was told of the log. */
export const checkpoints = pgTable('checkpoints', {
  size: count('size').primaryKey(),
  at: count('at').notNull(),
  root: bytea('root').notNull(),
  note: text('note').notNull(),
});

/** One row: the size of the log that the map of heads is kept at, and how many identifiers are in it. */
export const headsState = pgTable('heads_state', {
  id: smallint('id').primaryKey(),
  size: count('size').notNull(),
  count: count('count').notNull(),
});

/** Leaves of the map of heads by the first 16 bits of their keys (core/log/heads-tree.ts); what is not there is empty. */
export const headsBuckets = pgTable('heads_buckets', {
  bucket: integer('bucket').primaryKey(),
  records: bytea('records').notNull(),
});

/** Roots of the map's buckets, 256 to a row at level 1, and the roots of those rows at level 0. */
export const headsTiles = pgTable(
  'heads_tiles',
  { level: smallint('level').notNull(), n: smallint('n').notNull(), hashes: bytea('hashes').notNull() },
  (t) => [primaryKey({ columns: [t.level, t.n] })],
);

/** What witnesses signed under our checkpoints: one cosignature a checkpoint and key. */
export const cosignatures = pgTable(
  'cosignatures',
  {
    size: count('size').notNull(),
    /** Name and id of the witness's key. */
    witness: text('witness').notNull(),
    keyId: text('key_id').notNull(),
    at: count('at').notNull(),
    /** Line of the signed note, with its newline. */
    line: text('line').notNull(),
  },
  (t) => [primaryKey({ columns: [t.size, t.witness, t.keyId] })],
);

/** As a witness of other logs: the last checkpoint that we cosigned of each. */
export const witnessed = pgTable('witnessed', {
  origin: text('origin').primaryKey(),
  size: count('size').notNull(),
  root: bytea('root').notNull(),
  /** The signed note with the cosignature; null while there is none. */
  note: text('note'),
});
