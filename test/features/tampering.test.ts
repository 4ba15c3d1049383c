/** What somebody does who owns the database, triggers and all: none of it goes unseen, none is misnamed. */
import { generateKeyPairSync, sign } from 'node:crypto';
import t from 'tap';
import { parseCheckpoint } from '../../src/core/log/checkpoint.ts';
import { formatNote, noteKeyId, parseNote, signatureTypes } from '../../src/core/log/note.ts';
import { appRole, connect } from '../../src/database/connection.ts';
import { projectionTables, truthTables } from '../../src/database/tables.ts';
import { auditEverything } from '../../src/features/audit.ts';
import { keysOfPurposes } from '../../src/features/keys/queries.ts';
import { projections } from '../../src/features/projections.ts';
import { auditCheckpoints } from '../../src/ledger/audit-checkpoints.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { newParty, note } from '../support/log.ts';
import { testService } from '../support/service.ts';
import { act, container, lot, supplyChain, unit } from '../support/supply-chain.ts';

const service = await testService(t);
const { owner, deps, dataDir } = service;
const chain = await supplyChain(service);
const { maker, distributor, seller } = chain;

/** Every table that an audit speaks of. */
const tables = [...truthTables, ...projectionTables, 'head', 'checkpoints', 'followers'];

/** Runs statements as nobody but the owner can: past the triggers. */
async function asOwner(statements: string): Promise<void> {
  const sql = await owner.sql.reserve();
  await sql
    .unsafe(`SET session_replication_role = replica; ${statements}; SET session_replication_role = origin`)
    .simple();
  sql.release();
}
const keep = (name: string) =>
  asOwner(`CREATE SCHEMA ${name}; ${tables.map((x) => `CREATE TABLE ${name}.${x} AS TABLE ${x};`).join('')}`);
const putBack = (name: string) =>
  asOwner(tables.map((x) => `DELETE FROM ${x}; INSERT INTO ${x} TABLE ${name}.${x};`).join(''));

const auditedWhole = () =>
  auditEverything(owner, { url: service.databaseUrl, processes: 1, dataDir, logOnly: false });
const audited = async () => (await auditedWhole()).mismatch;

// A log with something of everything, all of it followed and signed.
await deps.ledger.append(Array.from({ length: 300 }, (_, i) => note(deps.genesis.operator, String(i))));
const {
  facts: [whom],
} = await deps.ledger.append([
  { ...note(deps.genesis.operator, 'whom to ask'), private: { contact: { phone: '1' } } },
]);
const personal = whom?.seq ?? 0;
const goods = [unit('T1'), unit('T2'), unit('T3')];
await chain.post(maker, [
  { hop: 'produce', ...act(), lot: 'L1', epcs: goods },
  { hop: 'produce', ...act(), lots: [{ lot: lot('H1'), quantity: '100', uom: 'MTR' }] },
  { hop: 'pack', ...act(), container: container(1), epcs: goods },
]);
const older = await deps.ledger.size();
await deps.checkpoints.covering(older - 1, 30_000);
await keep('older');
const last = await chain.post(
  seller,
  [
    { hop: 'sell', ...act(), epcs: [unit('T1')], to: distributor.id },
    { hop: 'sell', ...act(), epcs: [unit('T1')] },
  ],
  { prefer: 'wait=30' },
);
const sale: number = last.body.facts[0].seq;
const size = await deps.ledger.size();
await deps.checkpoints.covering(size - 1, 30_000);
// Nobody signs or follows from here on.
await service.app.close();
await keep('whole');

t.equal(await audited(), null, 'as it is, it fits');
t.ok(last.body.findings.length > 0, 'there are findings to take away');

t.test('a checkpoint over what came after the audit began is not of an older log', async (t) => {
  const { origin } = deps.genesis;
  const keys = (await keysOfPurposes(owner.sql, ['checkpoint'])).map(({ x }) => ({
    name: origin,
    type: signatureTypes.ed25519,
    publicKey: Buffer.from(x, 'base64url'),
  }));
  t.equal(await auditCheckpoints(owner.sql, { origin, size: older, keys, copy: null }), null);
});

const alterations: [says: string, statement: string, table: string, what: RegExp][] = [
  [
    'payloads of two facts swapped',
    `UPDATE facts f SET payload = g.payload FROM facts g
    WHERE (f.seq, g.seq) IN ((${sale}, ${sale + 1}), (${sale + 1}, ${sale}))`,
    'facts',
    new RegExp(`fact ${sale} `),
  ],
  [
    'facts and digests of two entries swapped',
    `
    UPDATE facts f SET payload = g.payload, salt = g.salt FROM facts g
    WHERE (f.seq, g.seq) IN ((${sale}, ${sale + 1}), (${sale + 1}, ${sale}));
    UPDATE entries e SET digest = g.digest FROM entries g
    WHERE (e.seq, g.seq) IN ((${sale}, ${sale + 1}), (${sale + 1}, ${sale}))`,
    'entries',
    new RegExp(`entry ${sale} `),
  ],
  [
    'personal data replaced, and its salt taken away',
    `UPDATE privates SET value = replace(value, '1', '2'), salt = NULL WHERE seq = ${personal}`,
    'privates',
    new RegExp(`private ${personal} `),
  ],
  [
    'personal data erased without its salt, so that it can be guessed',
    `UPDATE privates SET value = NULL WHERE seq = ${personal}`,
    'privates',
    new RegExp(`private ${personal} `),
  ],
  [
    'personal data with more in its text than its values say',
    `UPDATE privates SET value = replace(value, '{"contact"', '{"contact":"2","contact"') WHERE seq = ${personal}`,
    'privates',
    new RegExp(`private ${personal} `),
  ],
  [
    'a genesis that cannot be read',
    `UPDATE facts SET payload = 'x' WHERE seq = 0`,
    'facts',
    /entry 0 is not a genesis/,
  ],
  ['the time of all entries shifted', 'UPDATE entries SET at = at + 3600000', 'entries', /entry 0 /],
  [
    'a key replaced in its fact',
    `UPDATE facts SET payload = regexp_replace(payload, '"x":"....', '"x":"AAAA')
    WHERE seq = (SELECT min(seq) FROM facts WHERE kind = 'key')`,
    'facts',
    /does not give the digest/,
  ],
  [
    'a key replaced in its table',
    `UPDATE keys SET body = jsonb_set(body, '{x}', '"AAAA"') WHERE seq = (SELECT min(seq) FROM keys)`,
    'keys',
    /AAAA/,
  ],
  [
    'a key brought back',
    `UPDATE keys SET status = 'retired' WHERE seq = (SELECT min(seq) FROM keys)`,
    'keys',
    /retired/,
  ],
  ['a finding taken away', 'DELETE FROM findings', 'findings', /missing/],
  [
    'findings taken away behind a follower that there is not',
    `DELETE FROM findings; DELETE FROM finding_closings; INSERT INTO followers VALUES ('another', 0)`,
    'findings',
    /missing/,
  ],
  ['a finding played down', `UPDATE findings SET severity = 'quality'`, 'findings', /quality/],
  [
    'a finding planted',
    `INSERT INTO findings SELECT unit, 'double-sale', opened, one, 3, 'conflict', case_id FROM findings LIMIT 1`,
    'findings',
    /double-sale/,
  ],
  [
    'a finding closed',
    `INSERT INTO finding_closings SELECT unit, rule, opened, one, other, opened FROM findings LIMIT 1`,
    'finding_closings',
    /does not follow/,
  ],
  [
    'a hop with another taker',
    `UPDATE hops SET taker = '${maker.id}' WHERE seq = ${sale}`,
    'hops',
    new RegExp(String(sale)),
  ],
  [
    'a hop at another time',
    `UPDATE hops SET time_from = time_from - 1 WHERE seq = ${sale}`,
    'hops',
    new RegExp(String(sale)),
  ],
  ['a hop taken away', `DELETE FROM hops WHERE seq = ${sale}`, 'hops', /missing/],
  ['a quantity', 'UPDATE quantities SET amount = amount * 2', 'quantities', /./],
  ['an event id', `DELETE FROM event_ids WHERE seq = ${sale}`, 'event_ids', /missing/],
  [
    'an owner',
    `UPDATE owners SET party = '${seller.id}' WHERE identifier LIKE 'gtin:%'`,
    'owners',
    new RegExp(seller.id),
  ],
  ['a party', `UPDATE parties SET stub = true WHERE id = '${maker.id}'`, 'parties', new RegExp(maker.id)],
  [
    'a place',
    `UPDATE places SET party = '${seller.id}' WHERE party = '${maker.id}'`,
    'places',
    new RegExp(seller.id),
  ],
  ['a policy', `UPDATE policies SET name = 'other' WHERE name = 'regions'`, 'policies', /regions|other/],
  ['an identifier', `UPDATE epcs SET epc = replace(epc, '/21/T2', '/21/T9')`, 'unit_chain', /T2/],
  [
    'an identifier of nothing',
    `INSERT INTO epcs VALUES (9999999, '01/06901234567892/21/X')`,
    'epcs',
    /numbered/,
  ],
  [
    'a link',
    `UPDATE unit_chain SET link = sha256(link) WHERE seq = ${sale}`,
    'unit_chain',
    new RegExp(`entry ${sale}`),
  ],
  ['a tile', 'UPDATE tiles SET hashes = sha256(hashes)', 'tiles', /tile 0\/0/],
  ['a tile taken away', 'DELETE FROM tiles', 'tiles', /tile 0\/0 is missing/],
  ['the frontier of the head', 'UPDATE head SET frontier = sha256(frontier)', 'head', /frontier/],
  ['the size of the head', 'UPDATE head SET size = size - 1', 'head', /./],
  [
    'the root of a checkpoint',
    'UPDATE checkpoints SET root = sha256(root)',
    'checkpoints',
    /another root in its row/,
  ],
  [
    'the size of a checkpoint',
    `UPDATE checkpoints SET size = size - 1 WHERE size = ${size}`,
    'checkpoints',
    new RegExp(`is a note over ${size}`),
  ],
  [
    'the text of a checkpoint',
    `UPDATE checkpoints SET note = replace(note, E'\\n${size}\\n', E'\\n${size - 1}\\n'), size = ${size - 1}
    WHERE size = ${size}`,
    'checkpoints',
    /is not signed by a key of this log/,
  ],
  [
    'a checkpoint that is none',
    `UPDATE checkpoints SET note = 'x' WHERE size = ${size}`,
    'checkpoints',
    /is no checkpoint/,
  ],
];

for (const [says, statement, table, what] of alterations)
  t.test(says, async (t) => {
    await asOwner(statement);
    t.match(await audited(), { table, what });
    await putBack('whole');
  });

t.test('findings taken away, with the follower set back to where there were none', async (t) => {
  const derived = ['findings', 'finding_closings', 'cases', 'case_links'];
  await asOwner(`${derived.map((it) => `DELETE FROM ${it};`).join(' ')} UPDATE followers SET size = 0`);
  t.match(await auditedWhole(), { mismatch: null, unfollowed: size });
  await putBack('whole');
});

t.test('a checkpoint signed anew, with a key that is not the log’s', async (t) => {
  const [row] = await owner.sql<{ note: string }[]>`SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1`;
  const read = parseNote(row?.note ?? '');
  if (!read.ok) throw new Error('no note');
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const [{ name = '' } = {}] = read.value.signatures;
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const { text } = read.value;
  const id = noteKeyId({ name, type: signatureTypes.ed25519, publicKey: raw });
  const forged = formatNote({
    text,
    signatures: [{ name, id, bytes: sign(null, Buffer.from(text), privateKey) }],
  });
  t.ok(parseCheckpoint(text).ok);
  await asOwner(`UPDATE checkpoints SET note = '${forged}' WHERE size = ${size}`);
  t.match(await audited(), { table: 'checkpoints', what: /not signed by a key of this log/ });
  await putBack('whole');
});

t.test('an older backup, whole in itself', async (t) => {
  await putBack('older');
  t.match(await audited(), {
    table: 'checkpoints',
    what: new RegExp(`kept beside the database covers ${size} entries, but the log has ${older}`),
  });
  // It goes on from there, as a service would that did not look.
  const ledger = createLedger({ database: deps.db, projections });
  await ledger.append(Array.from({ length: size }, () => note(newParty(), 'another history')));
  await ledger.close();
  t.match(await audited(), {
    table: 'checkpoints',
    what: new RegExp(`kept beside the database was signed over other entries: the first ${size} have`),
  });
  await putBack('whole');
});

const disguises: [says: string, statement: string, undo: string, table: string, what: RegExp][] = [
  [
    'a hop hidden from the service alone',
    `ALTER TABLE hops ENABLE ROW LEVEL SECURITY;
    CREATE POLICY hide ON hops TO suyuan_app USING (seq <> ${sale})`,
    'DROP POLICY hide ON hops; ALTER TABLE hops DISABLE ROW LEVEL SECURITY',
    'hops',
    /row security/,
  ],
  [
    'a view in the place of a table',
    `ALTER TABLE orders RENAME TO hidden; CREATE VIEW orders AS SELECT * FROM hidden`,
    'DROP VIEW orders; ALTER TABLE hidden RENAME TO orders',
    'orders',
    /no table/,
  ],
  [
    'a rule that drops what is written',
    `CREATE RULE never AS ON INSERT TO hops DO INSTEAD NOTHING`,
    'DROP RULE never ON hops',
    'hops',
    /rules/,
  ],
  [
    'a guard switched off',
    'ALTER TABLE facts DISABLE TRIGGER append_only',
    'ALTER TABLE facts ENABLE TRIGGER append_only',
    'facts',
    /triggers/,
  ],
  [
    'a trigger of one’s own',
    `CREATE TRIGGER mine BEFORE INSERT ON findings FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
    'DROP TRIGGER mine ON findings',
    'findings',
    /triggers/,
  ],
  [
    'a right that the service has not',
    'GRANT DELETE ON checkpoints TO suyuan_app',
    'REVOKE DELETE ON checkpoints FROM suyuan_app',
    'checkpoints',
    /may change/,
  ],
];

for (const [says, statement, undo, table, what] of disguises)
  t.test(says, async (t) => {
    await asOwner(statement);
    t.match(await audited(), { table, what });
    await asOwner(undo);
  });

t.test('the service looks for its tables where they stand', async (t) => {
  await asOwner(`CREATE SCHEMA suyuan_app; GRANT USAGE ON SCHEMA suyuan_app TO suyuan_app;
    CREATE VIEW suyuan_app.hops AS SELECT * FROM public.hops WHERE seq <> ${sale};
    GRANT SELECT ON suyuan_app.hops TO suyuan_app`);
  const shown = connect(service.databaseUrl, { role: appRole, max: 1 });
  t.teardown(() => shown.close());
  t.equal((await shown.sql`SELECT seq FROM hops WHERE seq = ${sale}`).length, 1);
  await asOwner('DROP SCHEMA suyuan_app CASCADE');
});

t.test('everything was put back', async (t) => {
  t.equal(await audited(), null);
});
