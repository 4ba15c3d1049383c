/**
 * The three classes of tables and what the service may do with each. The migrations grant exactly this to the
 * role `suyuan_app`; a test compares both, and `src/README.md` prints it.
 */
export type Grant = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** Insert-only by grant and by trigger: what the log commits to. */
export const truthTables = ['entries', 'facts', 'privates'] as const;

/**
 * What an erasure empties, by grant: the one change that truth knows, of which a trigger allows nothing else, and what the
 * public wrote.
 */
export const erasedColumns = {
  privates: ['salt', 'value'],
  reports: ['contact', 'place', 'sealed', 'text'],
} as const;

/** Insert-only by grant and by trigger: pure functions of the log prefix, in the order they are built. */
export const projectionTables = [
  'epcs',
  'unit_chain',
  'tiles',
  'policies',
  'parties',
  'owners',
  'places',
  'products',
  'delegations',
  'certificates',
  'clients',
  'keys',
  'issues',
  'orders',
  'order_terms',
  'order_acknowledgements',
  'hops',
  'best_befores',
  'quantities',
  'event_ids',
  'decisions',
  'report_decisions',
  'findings',
  'finding_closings',
  'cases',
  'case_links',
  'heads',
  'erasures',
  'mandates',
  'links',
  'vocabularies',
  'event_words',
  'company_prefixes',
] as const;

/** Needed to run; no fact rests on them. */
export const operationalTables = {
  head: ['SELECT', 'INSERT', 'UPDATE'],
  idempotency: ['SELECT', 'INSERT'],
  followers: ['SELECT', 'INSERT', 'UPDATE'],
  client_secrets: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  contacts: ['SELECT', 'INSERT', 'DELETE'],
  private_keys: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  master_key_check: ['SELECT', 'INSERT', 'UPDATE'],
  batch_jobs: ['SELECT', 'INSERT', 'UPDATE'],
  batch_serials: ['SELECT', 'INSERT', 'DELETE'],
  captures: ['SELECT', 'INSERT', 'UPDATE'],
  epcis_queries: ['SELECT', 'INSERT', 'DELETE'],
  epcis_released_tokens: ['SELECT', 'INSERT', 'DELETE'],
  epcis_subscriptions: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  order_rolls: ['SELECT', 'INSERT', 'UPDATE'],
  order_things: ['SELECT', 'INSERT', 'DELETE'],
  order_changes: ['SELECT', 'INSERT'],
  notices: ['SELECT', 'INSERT'],
  webhooks: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  reports: ['SELECT', 'INSERT'],
  report_steps: ['SELECT', 'INSERT'],
  report_photos: ['SELECT', 'INSERT', 'DELETE'],
  report_erasures: ['SELECT', 'INSERT'],
  report_keys: ['SELECT', 'INSERT'],
  report_counts: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  scans: ['SELECT', 'INSERT', 'DELETE'],
  stray_scans: ['SELECT', 'INSERT', 'DELETE'],
  clue_findings: ['SELECT', 'INSERT', 'UPDATE'],
  clue_cases: ['SELECT', 'INSERT'],
  clue_case_links: ['SELECT', 'INSERT'],
  read_audit: ['SELECT', 'INSERT'],
  checkpoints: ['SELECT', 'INSERT'],
  heads_state: ['SELECT', 'INSERT', 'UPDATE'],
  heads_buckets: ['SELECT', 'INSERT', 'UPDATE'],
  heads_tiles: ['SELECT', 'INSERT', 'UPDATE'],
  cosignatures: ['SELECT', 'INSERT'],
  witnessed: ['SELECT', 'INSERT', 'UPDATE'],
} as const satisfies Record<string, readonly Grant[]>;

export type TruthTable = (typeof truthTables)[number];
export type ProjectionTable = (typeof projectionTables)[number];
export type OperationalTable = keyof typeof operationalTables;
