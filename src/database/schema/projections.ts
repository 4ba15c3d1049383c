/**
 * Projections: pure functions of the log prefix. Insert-only; `suyuan rebuild` makes them again from the log alone and
 * compares.
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { bytea, count } from './columns.ts';

/** Internal number ⇄ canonical identifier of units, lots, containers and places, numbered in order of mention. */
export const epcs = pgTable('epcs', { unit: count('unit').primaryKey(), epc: text('epc').notNull() }, (t) => [
  uniqueIndex('epcs_epc').on(t.epc),
]);

/** The hash chain of each identifier: the n-th entry that names it, and in which list. */
export const unitChain = pgTable(
  'unit_chain',
  {
    unit: count('unit').notNull(),
    seq: count('seq').notNull(),
    n: integer('n').notNull(),
    /** Index into `positions` of core/events/hop.ts. */
    position: smallint('position').notNull(),
    link: bytea('link').notNull(),
  },
  // Appended to in order of seq: it costs little to keep, and entries just recorded are found like old ones.
  (t) => [primaryKey({ columns: [t.unit, t.n] }), index('unit_chain_seq').on(t.seq)],
);

/** Full tiles of 256 hashes (C2SP tlog-tiles); partial ones are read from `entries`. */
export const tiles = pgTable(
  'tiles',
  { level: smallint('level').notNull(), n: count('n').notNull(), hashes: bytea('hashes').notNull() },
  (t) => [primaryKey({ columns: [t.level, t.n] })],
);

/** Policies in force: region codes, categories, thresholds. The newest seq of a name counts. */
export const policies = pgTable('policies', {
  seq: count('seq').primaryKey(),
  name: text('name').notNull(),
  body: jsonb('body').notNull(),
});

/** Versions of parties; the newest seq of an id counts. */
export const parties = pgTable(
  'parties',
  {
    seq: count('seq').primaryKey(),
    id: text('id').notNull(),
    stub: boolean('stub').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [index('parties_id').on(t.id, t.seq), index('parties_address').on(sql`address_key(body)`)],
);

/**
 * Who owns an outside identifier: `gln:…`, `credit-code:…`, `gtin:…`, `place:…`; `stub:…` is a party that another
 * named, `certificate:…` the id of a certificate. One owner for ever.
 */
export const owners = pgTable(
  'owners',
  {
    identifier: text('identifier').primaryKey(),
    party: text('party').notNull(),
    seq: count('seq').notNull(),
  },
  (t) => [index('owners_party').on(t.party, t.identifier), index('owners_seq').on(t.seq)],
);

/** Versions of places; the newest seq of an id counts. */
export const places = pgTable(
  'places',
  {
    seq: count('seq').primaryKey(),
    id: text('id').notNull(),
    party: text('party').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [
    index('places_id').on(t.id, t.seq),
    index('places_party').on(t.party),
    index('places_within').on(sql`(body ->> 'within')`),
    index('places_address').on(sql`address_key(body)`),
  ],
);

/** Versions of products; the newest seq of a GTIN counts. */
export const products = pgTable(
  'products',
  {
    seq: count('seq').primaryKey(),
    gtin: text('gtin').notNull(),
    party: text('party').notNull(),
    category: text('category').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [index('products_gtin').on(t.gtin, t.seq), index('products_party').on(t.party)],
);

/** Versions of delegations; the newest seq of an id counts. */
export const delegations = pgTable(
  'delegations',
  {
    seq: count('seq').primaryKey(),
    id: text('id').notNull(),
    grantor: text('grantor').notNull(),
    grantee: text('grantee').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [
    index('delegations_id').on(t.id, t.seq),
    index('delegations_grantee').on(t.grantee),
    index('delegations_grantor').on(t.grantor),
  ],
);

/** Certificates and every change of their status, in order of seq. */
export const certificates = pgTable(
  'certificates',
  {
    seq: count('seq').primaryKey(),
    id: text('id').notNull(),
    number: text('number').notNull(),
    issuer: text('issuer').notNull(),
    holder: text('holder').notNull(),
    status: text('status').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [
    index('certificates_id').on(t.id, t.seq),
    index('certificates_number').on(t.number),
    index('certificates_holder').on(t.holder),
    index('certificates_issuer').on(t.issuer),
    index('certificates_gtins').using('gin', sql`(${t.body} -> 'gtins')`),
  ],
);

/** API clients of parties and what became of them; secrets are elsewhere. */
export const clients = pgTable(
  'clients',
  {
    seq: count('seq').primaryKey(),
    id: text('id').notNull(),
    party: text('party').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [index('clients_id').on(t.id, t.seq), index('clients_party').on(t.party)],
);

/** Public keys by purpose and every change of their status, in order of seq. */
export const keys = pgTable(
  'keys',
  {
    seq: count('seq').primaryKey(),
    kid: text('kid').notNull(),
    purpose: text('purpose').notNull(),
    party: text('party').notNull(),
    status: text('status').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [
    index('keys_kid').on(t.kid, t.seq),
    index('keys_party').on(t.party),
    // A key becomes active once, when it is made: so neither its number nor the key itself is ever used again.
    uniqueIndex('keys_kid_once').on(t.kid).where(sql`status = 'active'`),
    uniqueIndex('keys_x_once').on(sql`(body ->> 'x')`).where(sql`status = 'active'`),
  ],
);

/**
 * Codes issued, as runs of consecutive internal numbers: a million serials are a hundred rows, not a million.
 * The exclusion constraint makes issuing a code twice impossible.
 */
export const issues = pgTable(
  'issues',
  {
    first: count('first_unit').primaryKey(),
    last: count('last_unit').notNull(),
    seq: count('seq').notNull(),
    batch: text('batch').notNull(),
    gtin: text('gtin'),
    /** The lot that the units belong to, as canonical identifier; null for containers and for a lot's own code. */
    lot: text('lot'),
    kid: text('kid').notNull(),
    /** The party that had them issued: the owner of the GTIN, its delegate, or whoever needs containers. */
    issuedBy: text('issued_by').notNull(),
    /** Whether the serials are ours, with check characters. */
    ours: boolean('ours').notNull(),
  },
  (t) => [
    index('issues_lot').on(t.lot, t.first),
    index('issues_batch').on(t.batch, t.first),
    index('issues_gtin').on(t.gtin, t.first),
  ],
);

/** Orders, each once, and releases under the id of the order that they end. */
export const orders = pgTable(
  'orders',
  {
    seq: count('seq').primaryKey(),
    at: count('at').notNull(),
    id: text('id').notNull(),
    /** Of core/orders/order.ts, or `release`. */
    type: text('type').notNull(),
    /** Who ordered or released it. */
    party: text('party').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [
    uniqueIndex('orders_made').on(t.id).where(sql`type <> 'release'`),
    uniqueIndex('orders_released').on(t.id).where(sql`type = 'release'`),
    index('orders_party').on(t.party, t.seq),
  ],
);

/** What an order is found by (core/orders/order.ts): a thing that it is about has one of these. */
export const orderTerms = pgTable(
  'order_terms',
  { term: text('term').notNull(), seq: count('seq').notNull() },
  (t) => [primaryKey({ columns: [t.term, t.seq] })],
);

/** Who acknowledged which order, once each. */
export const orderAcknowledgements = pgTable(
  'order_acknowledgements',
  {
    order: text('order_id').notNull(),
    party: text('party').notNull(),
    seq: count('seq').notNull(),
    at: count('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.order, t.party] })],
);

/** One row per event: what lifecycle, trace and flow fold (core/events/hop.ts, HopRecord). */
export const hops = pgTable(
  'hops',
  {
    seq: count('seq').primaryKey(),
    recordedAt: count('recorded_at').notNull(),
    hop: text('hop').notNull(),
    recorder: text('recorder').notNull(),
    as: text('as_role').notNull(),
    from: count('time_from').notNull(),
    until: count('time_until').notNull(),
    /** Of an error declaration, which repeats the event that it takes back, when it was declared. */
    declaredFrom: count('declared_from'),
    declaredUntil: count('declared_until'),
    /** Minutes by which the teller's clock was ahead of UTC, so that times are shown as they were told. */
    zone: smallint('zone').notNull(),
    giver: text('giver'),
    taker: text('taker'),
    transfer: text('transfer'),
    place: text('place'),
    toPlace: text('to_place'),
    outcome: text('outcome'),
    note: text('note'),
    target: count('target'),
    nextDue: count('next_due'),
    reporter: boolean('reporter').notNull().default(false),
    /** Internal number of what stands in the parent position: container, place or thing built into. */
    parent: count('parent'),
    /** How many identifiers the event names; an unpacking that names its container alone empties it. */
    parts: integer('parts').notNull(),
  },
  (t) => [
    index('hops_times').on(t.from, t.seq),
    // Who took part: whoever recorded it, and beside that one who gave and who took.
    index('hops_recorder').on(t.recorder, t.seq),
    index('hops_giver').on(t.giver, t.seq).where(sql`giver <> recorder`),
    index('hops_taker').on(t.taker, t.seq).where(sql`taker <> recorder`),
    // Few: what failed, and what was taken back.
    index('hops_failed').on(t.seq).where(sql`outcome = 'non-conformant' OR hop IN ('void', 'correct')`),
    // Samples that regulators took are few, too.
    index('hops_sent_by_regulators').on(t.seq).where(sql`hop = 'ship' AND as_role = 'regulator'`),
    index('hops_samplings')
      .on(t.seq)
      .where(sql`hop = 'inspect' AND as_role = 'regulator' AND note IS NOT NULL`),
    // Results of authorities are few among the rest, and searched by everybody.
    index('hops_results')
      .on(t.seq)
      .where(sql`hop = 'inspect' AND outcome IS NOT NULL AND as_role IN ('regulator', 'laboratory')`),
  ],
);

/** Until when what an event made is best used, as it was told: RFC 3339 full-date. */
export const bestBefores = pgTable('best_befores', {
  seq: count('seq').primaryKey(),
  day: text('day').notNull(),
});

/** Quantities of lots in events, in millionths of the unit of measure. */
export const quantities = pgTable(
  'quantities',
  {
    unit: count('unit').notNull(),
    seq: count('seq').notNull(),
    i: integer('i').notNull(),
    position: smallint('position').notNull(),
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    uom: text('uom').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.unit, t.seq, t.i] }),
    // Goods by mass or volume are few among the rest: extinguishing agents.
    index('quantities_agents')
      .on(t.seq)
      .where(
        sql`uom IN ('MC', 'MGM', 'GRM', 'KGM', 'DTN', 'TNE', 'ONZ', 'LBR', 'STN', 'LTN', 'MMQ', 'CMQ', 'MLT', 'CLT', 'DLT', 'LTR', 'DMQ', 'HLT', 'MTQ', 'INQ', 'FTQ', 'GLL', 'GLI')`,
      ),
  ],
);

/**
 * An event is recorded once: 10 bytes that name the event whoever records it, and 6 that bind it to its recorder
 * (src/features/events/event-id.ts).
 */
export const eventIds = pgTable('event_ids', {
  id: bytea('id').primaryKey(),
  seq: count('seq').notNull(),
});

/** What officers decided about cases; the newest seq of a case counts. */
export const decisions = pgTable(
  'decisions',
  {
    seq: count('seq').primaryKey(),
    caseId: text('case_id').notNull(),
    rule: text('rule').notNull(),
    outcome: text('outcome').notNull(),
    cause: text('cause').notNull(),
    party: text('party').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [index('decisions_case').on(t.caseId, t.seq)],
);

/** Whether reports by the public were founded, as officers found; once each. */
export const reportDecisions = pgTable(
  'report_decisions',
  {
    report: text('report').primaryKey(),
    seq: count('seq').notNull(),
    at: count('at').notNull(),
    outcome: text('outcome').notNull(),
    party: text('party').notNull(),
  },
  (t) => [index('report_decisions_unfounded').on(t.at, t.report).where(sql`outcome = 'unfounded'`)],
);

/** What the follower found by the rules; `opened` is the entry at which it came to be. */
export const findings = pgTable(
  'findings',
  {
    unit: count('unit').notNull(),
    rule: text('rule').notNull(),
    opened: count('opened').notNull(),
    /** The two entries that contradict each other. */
    one: count('one').notNull(),
    other: count('other').notNull(),
    /** The entry that made the thing of others, where the two concern it only for that. */
    made: count('made'),
    severity: text('severity').notNull(),
    caseId: text('case_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.unit, t.rule, t.one, t.other, t.opened] }),
    index('findings_opened').on(t.opened, t.unit),
    index('findings_case').on(t.caseId, t.opened),
  ],
);

/** Entries at which a later fact explained a finding away. */
export const findingClosings = pgTable(
  'finding_closings',
  {
    unit: count('unit').notNull(),
    rule: text('rule').notNull(),
    opened: count('opened').notNull(),
    one: count('one').notNull(),
    other: count('other').notNull(),
    closed: count('closed').notNull(),
  },
  (t) => [primaryKey({ columns: [t.unit, t.rule, t.one, t.other, t.opened] })],
);

/** Cases that findings gather in (core/rules/case.ts). What has no party, GTIN, maker or region has an empty one. */
export const cases = pgTable(
  'cases',
  {
    id: text('id').primaryKey(),
    rule: text('rule').notNull(),
    severity: text('severity').notNull(),
    /** By whose word, and where that party is. */
    party: text('party').notNull(),
    region: text('region').notNull(),
    gtin: text('gtin').notNull(),
    /** Lot, or thing without one, of rules whose findings are decided sample by sample; empty for all others. */
    sample: text('sample').notNull().default(''),
    /** The owner of the GTIN, and where that party is. */
    maker: text('maker').notNull(),
    makerRegion: text('maker_region').notNull(),
    /** The entry at which its first finding came to be, and when that was recorded. */
    opened: count('opened').notNull(),
    openedAt: count('opened_at').notNull(),
    /** The rule was wrong so often by then that it is only watched. */
    watch: boolean('watch').notNull(),
  },
  (t) => [
    index('cases_subject').on(t.rule, t.party, t.gtin, t.sample, t.opened),
    index('cases_opened').on(t.openedAt, t.id),
    index('cases_party').on(t.party),
    index('cases_maker').on(t.maker),
  ],
);

/** Whom and where the findings of a case have to do with: parties, regions and places of their entries. */
export const caseLinks = pgTable(
  'case_links',
  { caseId: text('case_id').notNull(), kind: text('kind').notNull(), value: text('value').notNull() },
  (t) => [
    primaryKey({ columns: [t.caseId, t.kind, t.value] }),
    index('case_links_value').on(t.kind, t.value),
  ],
);

/** Entries whose personal data is gone, and the entry that says so. */
export const erasures = pgTable('erasures', {
  erased: count('erased').primaryKey(),
  seq: count('seq').notNull(),
});

/** What regulators may read beyond their jurisdictions: asked for, decided and ended, each once. */
export const mandates = pgTable(
  'mandates',
  {
    seq: count('seq').primaryKey(),
    at: count('at').notNull(),
    id: text('id').notNull(),
    /** `asked`, `decided` or `ended`. */
    act: text('act').notNull(),
    /** Whose act it is. */
    party: text('party').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [
    uniqueIndex('mandates_acts').on(t.id, t.act),
    index('mandates_asked').on(t.party, t.seq).where(sql`act = 'asked'`),
  ],
);

/** What parties say of things beside their events; of each the newest of a party counts. */
export const vocabularies = pgTable(
  'vocabularies',
  {
    seq: count('seq').primaryKey(),
    party: text('party').notNull(),
    vocabulary: text('vocabulary').notNull(),
    name: text('name').notNull(),
    /** Digest of what is said, by which it is not recorded again. */
    content: text('content').notNull(),
  },
  (t) => [
    index('vocabularies_name').on(t.name, t.party, t.vocabulary, t.seq),
    index('vocabularies_party').on(t.party, t.seq),
  ],
);

/**
 * Words of others' vocabularies that events use, each with the first event for whoever may read of it: a party that took
 * part, a place where it happened, or a delegation on whose grounds it was recorded.
 */
export const eventWords = pgTable(
  'event_words',
  {
    whose: text('whose').notNull(),
    /** Of an event, in which the word stands. */
    member: text('member').notNull(),
    word: text('word').notNull(),
    seq: count('seq').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.whose, t.member, t.word] }),
    index('event_words_word').on(t.member, t.word, t.whose),
  ],
);

/** GS1 company prefixes of the EPC URNs in events, each with the first event of a party that wrote one so. */
export const companyPrefixes = pgTable(
  'company_prefixes',
  {
    prefix: text('prefix').notNull(),
    party: text('party').notNull(),
    seq: count('seq').notNull(),
  },
  (t) => [primaryKey({ columns: [t.prefix, t.party] })],
);

/** Versions of links that owners of GTINs give; the newest of each counts. */
export const links = pgTable(
  'links',
  {
    seq: count('seq').primaryKey(),
    id: text('id').notNull(),
    party: text('party').notNull(),
    anchor: text('anchor').notNull(),
    body: jsonb('body').notNull(),
  },
  (t) => [
    index('links_id').on(t.id, t.seq),
    index('links_anchor').on(t.anchor, t.seq),
    index('links_party').on(t.party, t.id, t.seq),
  ],
);

/** What the log said of the map of heads (core/log/heads.ts), each time. */
export const heads = pgTable(
  'heads',
  {
    seq: count('seq').primaryKey(),
    size: count('size').notNull(),
    root: bytea('root').notNull(),
    count: count('count').notNull(),
  },
  (t) => [uniqueIndex('heads_size').on(t.size)],
);
