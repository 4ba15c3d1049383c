import t from 'tap';
import { parseEventQuery } from '../../../src/core/epcis/epcis-query.ts';
import { hasLinks, writeEpcisEvent } from '../../../src/core/epcis/epcis-writing.ts';
import { cbvWords } from '../../../src/core/events/cbv-words.ts';
import type { PlaceId } from '../../../src/core/events/hop.ts';
import { openFact } from '../../../src/core/evidence/evidence-fact.ts';
import { canonicalUri } from '../../../src/core/gs1/gs1-translation.ts';
import { parseCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { sha256 } from '../../../src/core/log/merkle.ts';
import { provesInclusion } from '../../../src/core/log/merkle-proof.ts';
import { isSignedBy, parseNote, parseNoteKey } from '../../../src/core/log/note.ts';
import { canonical } from '../../../src/core/text/canonical.ts';
import { errorCodes, required } from '../../../src/errors.ts';
import { epcisDialect } from '../../../src/features/epcis/problems.ts';
import { proveEvents } from '../../../src/features/epcis/proofs.ts';
import { candidateStatement, findEvents } from '../../../src/features/epcis/queries.ts';
import { windowOf } from '../../../src/features/epcis/windows.ts';
import { newId } from '../../../src/features/new-id.ts';
import { levelsMax } from '../../../src/features/places/within.ts';
import { counted } from '../../support/counted.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { app } = service;
const { maker, distributor, seller, stranger } = chain;
const officer = await chain.officer(['330000']);

const urn = (serial: string): string => `urn:epc:id:sgtin:6901234.056789.${serial}`;
const when = (day: number) => ({
  eventTime: `2025-07-${String(day).padStart(2, '0')}T02:30:00.000Z`,
  eventTimeZoneOffset: '+08:00',
});
const seen = (serial: string, day: number, more: object = {}) => ({
  '@context': { acme: 'https://ns.acme.example/epcis/' },
  type: 'ObjectEvent',
  ...when(day),
  action: 'OBSERVE',
  bizStep: 'storing',
  epcList: [urn(serial)],
  'acme:shelf': day,
  ...more,
});
const capture = async (who: Actor, ...events: readonly object[]) => {
  for (const event of events) {
    const payload = JSON.stringify(event);
    const headers = { authorization: who.bearer, 'content-type': 'application/ld+json' };
    const answer = await app.inject({ method: 'POST', url: '/epcis/v2/events', headers, payload });
    if (answer.statusCode !== 201) throw new Error(answer.body);
  }
};
const get = (who: Actor, url: string, headers: Record<string, string> = {}) =>
  app.inject({ url: `/epcis/v2${url}`, headers: { authorization: who.bearer, ...headers } });
const next = (answer: Awaited<ReturnType<typeof get>>) =>
  /<\/epcis\/v2(.*)>; rel="next"/.exec(String(answer.headers.link))?.[1] ?? null;
const listOf = (answer: Awaited<ReturnType<typeof get>>) =>
  answer.json().epcisBody.queryResults.resultsBody.eventList;
const days = async (who: Actor, url: string, headers = {}) =>
  listOf(await get(who, url, headers)).map((it: { eventTime: string }) => Number(it.eventTime.slice(8, 10)));

await capture(maker, ...[3, 1, 2].map((day) => seen('Q1', day)), seen('Q2', 4));
await capture(distributor, seen('Q1', 5, { eventID: 'urn:x:five', bizStep: 'inspecting' }));
await chain.post(maker, [
  { hop: 'produce', ...act('2025-07-06T10:00:00+08:00'), epcs: [unit('Q3')] },
  {
    hop: 'ship',
    ...act('2025-07-07T10:00:00+08:00'),
    epcs: [unit('Q3')],
    place: maker.place,
    to: distributor.id,
    transfer: 'sale',
  },
]);

t.test('everybody is told what they took part in, officers what is in their region', async (t) => {
  t.strictSame(await days(maker, '/events'), [7, 6, 4, 2, 1, 3]);
  t.strictSame(await days(distributor, '/events'), [7, 5]);
  t.strictSame(await days(stranger, '/events'), []);
  t.strictSame(await days(officer, '/events'), [7, 6, 5, 4, 2, 1, 3]);
  await service.deps.audit.flush();
  const after = await service.db.sql`SELECT DISTINCT party FROM read_audit WHERE route = '/epcis/v2/events'`;
  t.strictSame(new Set(after.map(({ party }) => party)), new Set([distributor.id, officer.id]));
});

t.test('hops and captured events are found alike, by what they say', async (t) => {
  const cases: Readonly<Record<string, readonly number[]>> = {
    [`/events?MATCH_epc=${urn('Q1')}`]: [2, 1, 3],
    [`/epcs/${encodeURIComponent(`https://id.gs1.org/${unit('Q3')}`)}/events`]: [7, 6],
    '/bizSteps/shipping/events': [7],
    '/eventTypes/ObjectEvent/events?EQ_action=ADD': [6],
    '/events?GE_eventTime=2025-07-02T00:00:00Z&LT_eventTime=2025-07-05T00:00:00Z': [4, 2, 3],
    '/events?orderBy=eventTime&orderDirection=ASC': [1, 2, 3, 4, 6, 7],
    '/events?GE_acme:shelf=3': [4, 3],
    '/events?EQ_suyuan:hop=produce': [6],
    '/events?orderBy=recordTime&eventCountLimit=2': [7, 6],
    '/events?EQ_bizStep=storing|shipping&LT_eventTime=2025-07-02T00:00:00Z': [1],
    '/events?maxEventCount=6': [7, 6, 4, 2, 1, 3],
    '/events?GE_recordTime=2099-01-01T00:00:00Z': [],
  };
  for (const [url, expected] of Object.entries(cases))
    t.strictSame(
      await days(maker, url, { 'gs1-extensions': 'acme=https://ns.acme.example/epcis/' }),
      expected,
      url,
    );
  const one = await get(distributor, '/events/urn%3Ax%3Afive');
  t.match(one.json(), { type: 'EPCISQueryDocument', schemaVersion: '2.0' });
  t.match(listOf(one), [{ type: 'ObjectEvent', eventID: 'urn:x:five', 'acme:shelf': 5 }]);
  t.match((await get(maker, '/events/urn%3Ax%3Afive')).json(), {
    status: 404,
    type: 'epcisException:NoSuchResourceException',
  });
});

t.test('an answer is a document of EPCIS, in the spelling that is asked for', async (t) => {
  const url = `/events?MATCH_epc=${urn('Q2')}`;
  const answer = await get(maker, url, { 'gs1-epc-format': 'Always_EPC_URN' });
  t.match(answer.headers, { 'content-type': /application\/ld\+json/, 'gs1-epcis-version': '2.0.0' });
  t.match(answer.json(), { type: 'EPCISQueryDocument', schemaVersion: '2.0' });
  t.match(listOf(answer), [
    { ...seen('Q2', 4), 'suyuan:recorder': `https://id.example.cn/party/${maker.id}` },
  ]);
  t.match(listOf(await get(maker, url)), [{ epcList: [`https://id.gs1.org/${unit('Q2')}`] }]);
  t.equal(answer.headers['gs1-epc-format'], 'Always_EPC_URN');
  const hops = await get(maker, '/events', { 'gs1-epc-format': 'Always_EPC_URN' });
  t.equal(hops.headers['gs1-epc-format'], 'Always_EPC_URN', 'hops too, by what was captured');
  t.match((await get(maker, '/bizSteps')).json().member, ['accepting']);
  for (const root of ['', '/']) {
    t.ok((await get(maker, root)).json().member.includes('events'), root);
    t.equal((await app.inject({ method: 'OPTIONS', url: `/epcis/v2${root}` })).statusCode, 204, root);
  }
});

t.test('an answer proves its events by public formats, from its bytes alone', async (t) => {
  const url = `/events?MATCH_epc=${urn('Q3')}&orderDirection=ASC`;
  const proven = { 'suyuan-proof': 'include' };
  const answer = await get(maker, url, proven);
  const { epcisBody, 'suyuan:proof': proof } = JSON.parse(answer.body);
  const note = required(parseNote(proof.checkpoint));
  const { size, root, origin } = required(parseCheckpoint(note.text));
  const key = required(parseNoteKey((await app.inject({ url: '/log/key' })).body.trim()));
  t.ok(isSignedBy(note, key));
  t.equal(origin, service.deps.genesis.origin);
  const events = epcisBody.queryResults.resultsBody.eventList;
  t.equal(events.length, 2);
  for (const [i, { entry, fact, path }] of proof.entries.entries()) {
    const leaf = sha256(Buffer.from(`\0${canonical(entry)}`));
    const hashes = path.map((it: string) => Buffer.from(it, 'base64url'));
    t.ok(provesInclusion(leaf, entry.seq, size, hashes, root));
    const opened = openFact(fact, entry.digest);
    if (typeof opened === 'string') throw new Error(opened);
    const lists = Object.fromEntries([...opened.lists].map(([name, { epcs }]) => [name, epcs]));
    const recorded = { seq: entry.seq, at: Date.parse(entry.at), fact: { ...opened.members, ...lists } };
    t.ok(opened.isWhole);
    t.same(writeEpcisEvent(recorded, { host: 'id.example.cn', format: 'No_Preference' }), events[i]);
    t.equal(openFact({ ...fact, shown: fact.shown.slice(1) }, entry.digest), 'fact-not-proven');
    t.notOk(provesInclusion(leaf, entry.seq + 1, size, hashes, root));
  }
  t.notOk('suyuan:proof' in (await get(maker, url)).json());
  const { eventID, 'suyuan:entry': seq } = events[0];
  const one = (await get(maker, `/events/${encodeURIComponent(eventID)}`, proven)).json();
  t.match(one['suyuan:proof'].entries, [{ entry: { seq } }]);
  const { sql, executed } = counted(service.deps.lookups.sql);
  const deps = { ...service.deps, lookups: { ...service.deps.lookups, sql } };
  t.equal((await proveEvents(deps, [1, 2, 3, 4, 5, 6])).entries.length, 6);
  t.equal(executed(), 1, 'no statement for each event');
  const behind = { note: 'as it was', size: 4, origin, root };
  const checkpoints = { ...deps.checkpoints, covering: async () => null, latest: async () => behind };
  const late = await proveEvents({ ...deps, checkpoints }, [5, 2, 4, 1]);
  t.match(late, { checkpoint: 'as it was', entries: [{ entry: { seq: 1 } }, { entry: { seq: 2 } }] });
  t.strictSame(
    late.pending,
    [4, 5].map((seq) => ({ seq, reason: 'not-published' })),
    'the others have their proofs',
  );
  const none = { ...checkpoints, latest: async () => null };
  await t.rejects(proveEvents({ ...deps, checkpoints: none }, [1]), { code: 'not-published' });
  t.equal((await get(maker, url, { 'suyuan-proof': 'yes' })).statusCode, 406);
});

t.test('what there is can be listed, and what can be done asked for', async (t) => {
  const members = async (who: Actor, url: string) => (await get(who, url)).json().member;
  const units = (...serials: string[]) => serials.map((it) => `https://id.gs1.org/${unit(it)}`);
  t.strictSame(await members(maker, '/epcs'), units('Q1', 'Q2', 'Q3'));
  t.strictSame(await members(stranger, '/epcs'), []);
  t.strictSame(await members(officer, '/readPoints'), [`https://id.example.cn/${maker.place}`]);
  t.strictSame(await members(officer, '/bizLocations'), []);
  const found: string[] = [];
  for (let url: string | null = '/epcs?perPage=1'; url !== null; ) {
    const answer: Awaited<ReturnType<typeof get>> = await get(maker, url);
    found.push(...answer.json().member);
    url = next(answer);
  }
  t.strictSame(new Set(found), new Set(units('Q1', 'Q2', 'Q3')));
  t.equal((await get(maker, '/epcs?EQ_action=ADD')).statusCode, 400);
  for (const resource of ['epcs', 'readPoints', 'bizLocations', 'bizSteps', 'dispositions', 'eventTypes']) {
    const one =
      { bizSteps: 'shipping', dispositions: 'active', eventTypes: 'ObjectEvent' }[resource] ?? 'urn:x:1';
    t.strictSame(await members(maker, `/${resource}/${one}`), ['events']);
    for (const path of ['', `/${one}`, `/${one}/events`]) {
      const answer = await app.inject({ method: 'OPTIONS', url: `/epcis/v2/${resource}${path}` });
      t.match(answer, { statusCode: 204, headers: { allow: 'OPTIONS, GET', 'gs1-epcis-max': '2.0.0' } });
    }
  }
});

t.test('words of others stand behind those of the standard for whoever may read of them', async (t) => {
  const voc = (word: string) => `https://voc.acme.example/${word}`;
  const used = (serial: string, bizStep: string, more = {}) =>
    seen(serial, 28, { bizStep: voc(bizStep), epcList: [urn(serial)], ...more });
  const compact = { '@context': { v: voc('') }, bizStep: 'v:polishing', 'acme:shelf': undefined };
  await capture(maker, used('V1', 'polishing'), seen('V2', 28, compact), used('V3', 'airing'));
  await capture(distributor, used('V4', 'weighing', { disposition: voc('dusty') }));
  const shipped = {
    destinationList: [{ type: 'owning_party', destination: `https://id.example.cn/party/${maker.id}` }],
  };
  await capture(seller, used('V5', 'wrapping', shipped));
  const all = async (who: Actor | null, url: string, headers: Record<string, string> = {}) => {
    const pages: string[][] = [];
    for (let rest: string | null = url; rest !== null; ) {
      const authorization = who === null ? {} : { authorization: who.bearer };
      const answer: Awaited<ReturnType<typeof get>> = await app.inject({
        url: `/epcis/v2${rest}`,
        headers: { ...authorization, ...headers },
      });
      t.equal(answer.statusCode, 200, answer.body);
      pages.push(answer.json().member);
      rest = next(answer);
    }
    return pages;
  };
  const steps = [...cbvWords.step];
  const beside = async (who: Actor | null, url = '/bizSteps?perPage=1000') =>
    (await all(who, url)).flat().slice(41);
  t.strictSame(await all(null, '/bizSteps'), [steps.slice(0, 30), steps.slice(30)]);
  t.strictSame(await beside(maker), ['airing', 'polishing', 'wrapping'].map(voc));
  t.strictSame(await beside(distributor), [voc('weighing')]);
  t.strictSame(await beside(stranger), []);
  const [owner, agent] = [await chain.actor(['distributor']), await chain.actor(['distributor'])];
  const grant = {
    ...({ kind: 'delegation', by: owner.id, id: newId(), from: owner.id, to: agent.id } as const),
    ...{ gtins: [], places: [], acts: ['ship'], revoked: false },
    ...{ validFrom: '2025-01-01T00:00:00+08:00', validUntil: '2099-01-01T00:00:00+08:00' },
  };
  await service.deps.ledger.append([{ fact: grant }]);
  const lent = { disposition: voc('lent'), bizStep: 'shipping', 'suyuan:delegation': grant.id };
  await capture(
    agent,
    seen('V6', 28, { '@context': { suyuan: 'https://id.example.cn/ns/' }, ...lent, 'acme:shelf': undefined }),
  );
  t.strictSame(
    (await all(owner, '/dispositions?perPage=1000')).flat().slice(-1),
    [voc('lent')],
    'on its behalf',
  );
  t.ok((await all(owner, '/dispositions?perPage=1')).length > 30);
  t.strictSame(await beside(officer), ['airing', 'polishing', 'weighing', 'wrapping'].map(voc));
  t.strictSame(await beside(await chain.officer(['110000'])), []);
  t.strictSame((await all(distributor, '/dispositions?perPage=1000')).flat().slice(-1), [voc('dusty')]);
  for (const who of [maker, officer])
    for (const perPage of [1, 2, 40, 41, 42]) {
      const pages = await all(who, `/bizSteps?perPage=${perPage}`);
      t.strictSame(pages.flat(), [...steps, ...(await beside(who))], `${perPage} a page`);
      t.ok(pages.every(({ length }) => length <= perPage));
    }
  const named = await all(maker, '/bizSteps?perPage=1000', { 'gs1-extensions': `acme=${voc('')}` });
  t.strictSame(named.flat().slice(41), ['acme:airing', 'acme:polishing', 'acme:wrapping']);
  t.strictSame(
    (await all(maker, '/eventTypes?perPage=3')).map(({ length }) => length),
    [3, 2],
  );
  for (const step of ['acme:polishing', encodeURIComponent(voc('polishing'))]) {
    const headers = { 'gs1-extensions': `acme=${voc('')}` };
    t.equal(listOf(await get(maker, `/bizSteps/${step}/events`, headers)).length, 2, step);
  }
  t.equal((await get(maker, '/bizSteps?EQ_action=ADD')).statusCode, 400);
  await service.deps.audit.flush();
  const read = await service.db.sql`SELECT DISTINCT party FROM read_audit WHERE route = '/epcis/v2/bizSteps'`;
  t.strictSame(
    read.map(({ party }) => party),
    [officer.id],
    'what regulators read of others is written down',
  );
});

t.test('what came as Digital Links is written as EPC URNs where others wrote such', async (t) => {
  const link = (epc: string) => `https://id.gs1.org/${required(canonicalUri(epc, 'id.example.cn'))}`;
  const [foreign, other] = ['urn:epc:id:sgtin:9521321.000001.K1', 'urn:epc:id:sscc:9521321.0000000001'];
  const owned = urn('K2');
  const epcs = [foreign, other, owned];
  const more = { eventID: 'urn:x:linked', epcList: epcs.map(link) };
  await capture(stranger, seen('', 9, more));
  const told = async () => {
    const answer = await get(stranger, '/events/urn%3Ax%3Alinked', { 'gs1-epc-format': 'Always_EPC_URN' });
    const found = new Set(listOf(answer)[0].epcList);
    return [answer.headers['gs1-epc-format'], ...epcs.map((epc) => found.has(epc) || !found.has(link(epc)))];
  };
  const wrote = (who: Actor, epc: string) =>
    capture(who, seen('', 9, { eventID: `urn:x:${epc}`, epcList: [epc] }));
  t.strictSame(await told(), ['No_Preference', false, false, true], 'of one the owner wrote such before');
  await wrote(seller, 'urn:epc:id:sgtin:9521322.000001.K1');
  t.strictSame(await told(), ['No_Preference', false, false, true], 'that is another company');
  await wrote(seller, 'urn:epc:id:sgtin:9521321.000002.K1');
  t.strictSame(await told(), ['Always_EPC_URN', true, true, true]);
  const members = (await get(stranger, '/epcs?perPage=9', { 'gs1-epc-format': 'Always_EPC_URN' })).json()
    .member;
  t.ok(epcs.every((epc) => members.includes(epc)));
  await wrote(distributor, 'urn:epc:id:sgtin:69012345.06789.K3');
  t.strictSame(await told(), ['Always_EPC_URN', true, true, true], 'the owner of the GTIN knows better');
  await wrote(distributor, 'urn:epc:id:sgtin:95213210.00002.K1');
  t.strictSame(await told(), ['No_Preference', false, false, true], 'nobody knows who is right');
  const ilmd = { 'gs1:factory': 'x', 'suyuan:factory': link('urn:epc:id:sgln:9521321.00000.0') };
  const made = hasLinks({ type: 'ObjectEvent', ilmd });
  t.ok(made && !hasLinks({ type: 'ObjectEvent', ilmd: { 'acme:link': link(other) } }));
});

t.test(
  'what came as Digital Links of GS1 China is written as EPC URNs though nobody wrote such',
  async (t) => {
    const [known, given] = ['urn:epc:id:sgtin:69234567.00001.K1', 'urn:epc:id:sscc:697123456.00000007'];
    const link = (epc: string) => `https://id.gs1.org/${required(canonicalUri(epc, 'id.example.cn'))}`;
    const told = async () => {
      const answer = await get(seller, '/events/urn%3Ax%3Ag', { 'gs1-epc-format': 'Always_EPC_URN' });
      return [answer.headers['gs1-epc-format'], ...listOf(answer)[0].epcList];
    };
    await capture(seller, seen('', 9, { eventID: 'urn:x:g', epcList: [known, given].map(link) }));
    t.strictSame(await told(), ['Always_EPC_URN', given, known]);
    await capture(
      seller,
      seen('', 9, { eventID: 'urn:x:g2', epcList: ['urn:epc:id:sgtin:692345670.0001.K2'] }),
    );
    const otherwise = 'urn:epc:id:sgtin:692345670.0001.K1';
    t.strictSame(await told(), ['Always_EPC_URN', given, otherwise], 'what somebody wrote goes before');
  },
);

t.test('places are found with all that lies within them', async (t) => {
  const [site, hall] = [maker.place, 'place/7ZK3QW9D5TB1M0AB' as PlaceId];
  const [{ id: by }, gln] = [maker, '414/6901234567892' as PlaceId];
  const place = { kind: 'place', by, party: by, type: 'building', region: '330106' } as const;
  await service.deps.ledger.append([
    { fact: { ...place, id: hall, name: 'hall', within: site } },
    { fact: { ...place, id: gln, name: 'shelf', within: hall } },
  ]);
  await capture(
    maker,
    seen('W1', 10, { bizLocation: { id: `https://id.example.cn/${hall}` } }),
    seen('W1', 11, { bizLocation: { id: 'urn:epc:id:sgln:690123456.789.7' } }),
    seen('W1', 12, { bizLocation: { id: 'urn:x:elsewhere' } }),
  );
  const about = `/events?MATCH_epc=${urn('W1')}&orderDirection=ASC&orderBy=eventTime`;
  const ids = [`https://id.example.cn/${site}`, 'urn:epc:id:sgln:690123456.789.0', 'urn:x:elsewhere'];
  const [all, part, other] = ids.map((id) => `WD_bizLocation=${encodeURIComponent(id)}`);
  t.strictSame(await days(maker, `${about}&${all}`), [10, 11]);
  t.strictSame(await days(maker, `${about}&${part}`), [11]);
  t.strictSame(await days(maker, `${about}&${other}`), [12]);
});

t.test('events are found by what master data says of what they name', async (t) => {
  const claim = async (who: Actor, vocabularyElementList: readonly object[]) => {
    const vocabularyList = [{ type: 'urn:epcglobal:epcis:vtype:BusinessLocation', vocabularyElementList }];
    const answer = await app.inject({
      method: 'POST',
      url: '/epcis/v2/capture',
      headers: { authorization: who.bearer, prefer: 'wait=60' },
      payload: {
        '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
        type: 'EPCISDocument',
        schemaVersion: '2.0',
        creationDate: '2025-07-03T10:00:00Z',
        epcisHeader: { epcisMasterData: { vocabularyList } },
        epcisBody: { eventList: [] },
      },
    });
    if (!answer.json().success) throw new Error(answer.body);
  };
  const say = (who: Actor, ...said: readonly (readonly [id: string, site: string])[]) =>
    claim(
      who,
      said.map(([id, attribute]) => ({
        id,
        attributes: [{ id: 'urn:epcglobal:cbv:mda:site', attribute }],
      })),
    );
  const [hall, yard, dock] = ['urn:epc:id:sgln:690123456.788.1', 'urn:x:yard', 'urn:x:dock'];
  await capture(
    maker,
    seen('D1', 13, { bizLocation: { id: hall }, readPoint: { id: dock } }),
    seen('D1', 14, { bizLocation: { id: yard }, 'acme:kiln': dock }),
    seen('D1', 15, { sourceList: [{ type: 'owning_party', source: yard }] }),
  );
  await say(maker, [hall, 'north'], [yard, 'west'], [dock, 'south']);
  await say(distributor, [hall, 'elsewhere']);
  const about = `/events?MATCH_epc=${urn('D1')}&orderDirection=ASC&orderBy=eventTime`;
  for (const [query, found] of [
    ['HASATTR_bizLocation=cbvmda:site', [13, 14]],
    ['HASATTR_bizLocation=cbvmda:sst', []],
    ['EQATTR_bizLocation_cbvmda:site=north|south', [13]],
    ['EQATTR_bizLocation_cbvmda:site=north&EQATTR_readPoint_cbvmda:site=south', [13]],
    ['EQATTR_bizLocation_cbvmda:site=north&EQATTR_readPoint_cbvmda:site=north', []],
    ['EQATTR_bizLocation_cbvmda:site=elsewhere', []],
    ['EQATTR_source_cbvmda:site=west', [15]],
    ['HASATTR_destination=cbvmda:site', []],
    ['EQATTR_acme:kiln_cbvmda:site=south', [14]],
  ] as const)
    t.strictSame(
      await days(maker, `${about}&${query}`, { 'gs1-extensions': 'acme=https://ns.acme.example/epcis/' }),
      found,
      query,
    );
  const site = '&EQATTR_bizLocation_cbvmda:site=elsewhere';
  t.strictSame(await days(officer, about + site), [13], 'a regulator reads what all say');
  const first = await get(maker, `${about}&HASATTR_bizLocation=cbvmda:site&perPage=1`);
  await say(maker, [yard, '']);
  t.strictSame(await days(maker, next(first) ?? ''), [14], 'as it stood when the first page was asked for');
  const depth = levelsMax + 2;
  const nested = Array.from({ length: depth }, (_, i) => ({
    id: `urn:x:deep-${i}`,
    children: i + 1 < depth ? [`urn:x:deep-${i + 1}`] : [],
  }));
  await claim(maker, nested);
  const below = async (name: string) => (await get(maker, `/vocabularies?WD_name=${name}`)).json();
  t.match(await below('urn:x:deep-0'), { status: 413, code: 'query-too-complex' });
  t.match(await below('urn:x:deep-1'), { type: 'EPCISQueryDocument' });
  const { host } = service.deps.genesis;
  const parameters = new Map([['HASATTR_readPoint', ['urn:epcglobal:cbv:mda:site']]]);
  const query = required(parseEventQuery(parameters, { host, context: new Map() }));
  const { sql, executed } = counted(service.deps.reads.sql);
  const who = { party: maker.id, client: 'test', roles: maker.roles, mandate: null };
  const asking = { query, size: 1_000_000, after: null, perPage: 30, granted: [] };
  t.equal((await findEvents(sql, who, asking)).events.length, 1);
  t.equal(executed(), 2, 'one statement for the events and one for what is said of them');
});

t.test('what goes wrong is told by the exception of the standard', async (t) => {
  const cases: readonly (readonly [status: number, exception: string, url: string, headers?: object])[] = [
    [400, 'QueryParameterException', '/events?colour=red'],
    [400, 'QueryParameterException', '/events?eventCountLimit=1'],
    [400, 'ValidationException', '/capture?perPage=x'],
    [401, 'SecurityException', '/events', { authorization: 'Bearer x' }],
    [404, 'NoSuchResourceException', '/events/urn%3Ax%3Anothing'],
    [404, 'NoSuchResourceException', '/eventTypes/QuantityEvent'],
    [404, 'NoSuchResourceException', '/bizSteps/polishing'],
    [406, 'NotAcceptableException', '/events', { 'gs1-epcis-version': '1.2' }],
    [406, 'NotAcceptableException', '/events', { 'gs1-epc-format': 'x' }],
    [413, 'QueryTooLargeException', '/events?maxEventCount=1'],
    [400, 'QueryParameterException', '/events?orderBy=acme:line'],
    [414, 'URITooLongException', `/events?MATCH_epc=${'x'.repeat(8_200)}`],
  ];
  for (const [status, exception, url, headers] of cases) {
    const answer = await get(maker, url, { ...headers });
    t.match(answer.headers['content-type'], /^application\/problem\+json/);
    t.match(answer.json(), { status, type: `epcisException:${exception}` }, url.slice(0, 60));
  }
  const posted = await app.inject({
    method: 'POST',
    url: '/epcis/v2/events',
    headers: { authorization: maker.bearer, 'content-type': 'text/csv' },
    payload: 'a,b',
  });
  t.match(posted.json(), { status: 415, type: 'epcisException:UnsupportedMediaTypeException' });
  const told = errorCodes.map((code) => epcisDialect(code));
  t.match(told.find(({ status }) => status === 409)?.type, /ResourceAlreadyExistsException$/);
  t.match(epcisDialect('too-many-events'), { status: 413, type: /CaptureLimitExceededException$/ });
  t.match(epcisDialect('unavailable'), { type: /ImplementationException$/ });
  t.notOk(told.some(({ status }) => status === 422));
});

t.test('pages are of one moment of the log, and lead on for a while', async (t) => {
  const found: number[] = [];
  let url: string | null =
    '/events?perPage=2&orderBy=eventTime&EQ_bizStep=storing&LT_eventTime=2025-07-09T00:00:00Z';
  for (let pages = 0; url !== null && pages < 9; pages++) {
    const answer: Awaited<ReturnType<typeof get>> = await get(maker, url);
    found.push(...listOf(answer).map((it: { eventTime: string }) => Number(it.eventTime.slice(8, 10))));
    if (pages === 0) await capture(maker, seen('Q4', 1));
    url = next(answer);
  }
  t.strictSame(found, [4, 3, 2, 1]);
  const first = next(await get(maker, '/events?perPage=1')) ?? '';
  for (const [asked, said] of [
    [first.replace('perPage=1', 'perPage=1&EQ_action=ADD'), 'another query'],
    ['/events?nextPageToken=x', 'Link header'],
    ['/events?perPage=0', 'whole number'],
    [`/events?EQ_quantity=${'1|'.repeat(100)}1`, 'at most 100 numbers'],
    ['/events?colour=red', 'no such parameter'],
  ] as const) {
    const { status, type, detail } = (await get(maker, asked)).json();
    t.strictSame([status, type], [400, 'epcisException:QueryParameterException'], asked);
    t.match(detail, said);
  }
  t.match((await get(maker, '/events?maxEventCount=2')).json(), {
    status: 413,
    type: 'epcisException:QueryTooLargeException',
  });
  t.match((await get(maker, '/events', { 'gs1-epc-format': 'x' })).json(), { status: 406 });
});

t.test('events come in the order of what they say, page by page', async (t) => {
  const extensions = { 'gs1-extensions': 'acme=https://ns.acme.example/epcis/' };
  const tiers: readonly unknown[] = [20, 'top', undefined, 3, '7', 3, undefined];
  const tiered = tiers.map((tier, i) => seen('T1', 16 + i, tier === undefined ? {} : { 'acme:tier': tier }));
  await capture(maker, ...tiered);
  await capture(distributor, seen('T1', 27, { 'acme:tier': 5, eventID: 'urn:x:tier' }));
  const all = async (who: Actor, url: string) => {
    const found: number[][] = [];
    for (let rest: string | null = url; rest !== null; ) {
      const answer: Awaited<ReturnType<typeof get>> = await get(who, rest, extensions);
      t.equal(answer.statusCode, 200, answer.body);
      found.push(listOf(answer).map((it: { eventTime: string }) => Number(it.eventTime.slice(8, 10))));
      rest = next(answer);
    }
    return found;
  };
  const about = `/events?MATCH_epc=${urn('T1')}&orderBy=acme:tier`;
  t.strictSame(await all(maker, `${about}&orderDirection=ASC`), [[19, 21, 20, 16, 17, 18, 22]]);
  t.strictSame(await all(maker, `${about}&perPage=2`), [[17, 16], [20, 21], [19, 22], [18]]);
  t.strictSame(await all(officer, `${about}&perPage=3`), [
    [17, 16, 20],
    [27, 21, 19],
    [22, 18],
  ]);
  t.strictSame(await all(maker, `${about}&eventCountLimit=3&perPage=2`), [[17, 16], [20]]);
  t.strictSame(await all(maker, `${about}&maxEventCount=7`), [[17, 16, 20, 21, 19, 22, 18]]);
  const stored = `/events?EQ_bizStep=storing&GE_eventTime=2025-07-16T00:00:00Z&orderBy=acme:shelf&perPage=3`;
  t.strictSame(await all(maker, stored), [[22, 21, 20], [19, 18, 17], [16]]);
  const [theirs] = listOf(await get(distributor, '/events/urn%3Ax%3Atier'));
  const token = new URLSearchParams(next(await get(maker, `${about}&perPage=2`, extensions))?.split('?')[1]);
  const parts = JSON.parse(Buffer.from(token.get('nextPageToken') ?? '', 'base64url').toString());
  parts[4] = theirs['suyuan:entry'];
  const forged = Buffer.from(JSON.stringify(parts)).toString('base64url');
  const asked = await get(maker, `${about}&perPage=2&nextPageToken=${forged}`, extensions);
  t.match(asked.json(), { code: 'invalid-query' }, 'where others events stand is not told');
  const [first] = await all(maker, `${about}&perPage=9`);
  await capture(maker, seen('T1', 23, { 'acme:tier': 2 }));
  const [later] = await all(maker, `${about}&perPage=9`);
  t.strictSame([first?.length, later?.length], [7, 8], 'what is asked anew is of the log as it is now');
});

t.test('queries are kept under names, by each party for itself', async (t) => {
  const send = (who: Actor, method: 'POST' | 'DELETE', url: string, payload?: object, headers = {}) =>
    app.inject({
      method,
      url: `/epcis/v2${url}`,
      headers: { authorization: who.bearer, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
  const query = { EQ_bizStep: ['storing'], 'LE_acme:shelf': 3, orderBy: 'eventTime', orderDirection: 'ASC' };
  const named = { name: 'low-shelves', query };
  const extensions = { 'gs1-extensions': 'acme=https://ns.acme.example/epcis/' };
  t.match((await send(maker, 'POST', '/queries', named)).json(), { type: /QueryParameterException$/ });
  const made = await send(maker, 'POST', '/queries', named, extensions);
  t.match(made, { statusCode: 201, body: '', headers: { location: '/epcis/v2/queries/low-shelves' } });
  for (const name of ['low-shelves', 'SimpleEventQuery'])
    t.match((await send(maker, 'POST', '/queries', { name, query: {} })).json(), {
      status: 409,
      type: 'epcisException:ResourceAlreadyExistsException',
    });
  t.equal((await send(maker, 'POST', '/queries', { name: 'a/b', query: {} })).statusCode, 400);
  t.equal((await send(maker, 'POST', '/queries', { name: '全部', query: {} })).statusCode, 201);
  const long = { MATCH_epc: Array(9_000).fill(urn('Q1')) };
  t.match((await send(maker, 'POST', '/queries', { name: 'long', query: long })).json(), {
    type: 'epcisException:QueryTooComplexException',
  });
  t.match((await get(maker, '/queries/low-shelves')).json(), named);
  t.strictSame(
    (await get(maker, '/queries')).json().map(({ name }: { name: string }) => name),
    ['low-shelves', '全部'],
  );
  const first = await get(maker, '/queries?perPage=1');
  t.match((await get(maker, next(first) ?? '')).json(), [{ name: '全部', query: {} }]);
  t.strictSame(await days(maker, '/queries/low-shelves/events'), [1, 1, 2, 3]);
  const answer = await get(maker, '/queries/low-shelves/events?perPage=3');
  t.equal(answer.json().epcisBody.queryResults.queryName, 'low-shelves');
  const rest = next(answer) ?? '';
  t.strictSame(await days(maker, rest), [3]);
  const token = new URLSearchParams(rest.split('?')[1]).get('nextPageToken') ?? '';
  t.equal((await send(maker, 'DELETE', `/nextPageToken/${token}`)).statusCode, 204);
  t.match((await get(maker, rest)).json(), { status: 400, detail: /released/ });
  t.equal((await get(maker, '/bizSteps?nextPageToken=x')).statusCode, 400);
  t.equal((await get(maker, '/queries/low-shelves/events?EQ_action=ADD')).statusCode, 400);
  for (const url of ['/queries/low-shelves', '/queries/low-shelves/events'])
    t.match((await get(seller, url)).json(), { status: 404, type: 'epcisException:NoSuchNameException' });
  t.equal((await send(seller, 'DELETE', '/queries/low-shelves')).statusCode, 404);
  t.equal((await send(maker, 'DELETE', '/queries/low-shelves')).statusCode, 204);
  t.equal((await get(maker, '/queries/low-shelves')).statusCode, 404);
  const paged = next(await get(maker, `/epcs/${encodeURIComponent(urn('Q1'))}/events?perPage=1`));
  t.strictSame(await days(maker, paged ?? ''), [1], 'pages of a resource lead on');
  t.equal((await get(maker, `/epcs/${urn('Q1')}/events?MATCH_anyEPC=${urn('Q2')}`)).statusCode, 400);
});

t.test('a page of very long events ends before it is full', async (t) => {
  const long = { 'acme:report': 'x'.repeat(9_000_000) };
  await capture(distributor, ...['L1', 'L2', 'L3'].map((serial) => seen(serial, 8, long)));
  const extensions = { 'gs1-extensions': 'acme=https://ns.acme.example/epcis/' };
  const first = await get(distributor, '/events?EXISTS_acme:report=true', extensions);
  t.equal(listOf(first).length, 2);
  t.equal(listOf(await get(distributor, next(first) ?? '', extensions)).length, 1);
  const rest = await get(distributor, '/events?EXISTS_acme:report=true&maxEventCount=9', extensions);
  t.equal(rest.statusCode, 200, 'all at once where that can be held');
});

t.test('a query of one EPC reads its events and no others', async (t) => {
  const many = Array.from({ length: 400 }, (_, i) => ({ hop: 'inspect', ...act(), epcs: [unit(`M${i}`)] }));
  t.equal((await chain.post(seller, many)).status, 201);
  await service.owner.sql`ANALYZE`;
  const { sql } = service.owner;
  const query = required(
    parseEventQuery(new Map([['MATCH_epc', [urn('M7')]]]), { host: 'id.example.cn', context: new Map() }),
  );
  const asking = { query, size: 1_000_000, after: null, perPage: 30, granted: [] };
  const who = { party: seller.id, client: 'test', roles: seller.roles, mandate: null };
  const plan = await sql<{ 'QUERY PLAN': string }[]>`
    EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)
    ${candidateStatement(sql, who, { ...asking, window: await windowOf(sql, who, asking), stop: null }, 31)}`;
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  t.notMatch(text, /Seq Scan on (?:hops|unit_chain|epcs|facts)/, text);
  const read = [...text.matchAll(/Scan.* on (?:hops|unit_chain|epcs|facts)\b.*rows=(\d+)/g)].map(([, rows]) =>
    Number(rows),
  );
  t.strictSame(read, [1, 1, 1, 1], text);
  t.strictSame(await days(seller, `/events?MATCH_epc=${urn('M7')}`), [1]);
  const { sql: asked, executed } = counted(service.deps.reads.sql);
  t.equal((await findEvents(asked, who, asking)).events.length, 1);
  t.equal(executed(), 1, 'one statement');
  t.strictSame(service.logged, []);
});

t.test('an event stands at its address with the declaration that takes it back, after it', async (t) => {
  const wrong = seen('Q9', 8, { eventID: 'urn:x:wrong' });
  const errorDeclaration = { declarationTime: '2025-07-08T04:00:00.000Z', reason: 'incorrect_data' };
  await capture(stranger, wrong, { ...wrong, errorDeclaration });
  const answer = await get(stranger, '/events/urn%3Ax%3Awrong', { 'suyuan-proof': 'include' });
  const [event, taken, more] = listOf(answer);
  t.notOk('errorDeclaration' in event);
  t.match(taken, { eventID: 'urn:x:wrong', errorDeclaration });
  t.equal(more, undefined);
  t.equal(answer.json()['suyuan:proof'].entries.length, 2);
  const xml = (await get(stranger, '/events/urn%3Ax%3Awrong', { accept: 'application/xml' })).body;
  t.equal(xml.split('</ObjectEvent>').length, 3, 'in XML too');
});

t.test(
  'an error declaration is of the time of the event that it repeats, whenever it was declared',
  async (t) => {
    const wrong = seen('Q10', 10, { eventID: 'urn:x:late' });
    const errorDeclaration = { declarationTime: '2025-07-20T04:00:00.000Z', reason: 'did_not_occur' };
    await capture(seller, wrong, seen('Q10', 12), { ...wrong, errorDeclaration });
    const told = async (url: string) =>
      listOf(await get(seller, url)).map(
        (it: { eventTime: string; errorDeclaration?: object }) =>
          it.eventTime.slice(8, 10) + (it.errorDeclaration ? ' taken back' : ''),
      );
    const within = 'GE_eventTime=2025-07-10T00:00:00Z&LT_eventTime=2025-07-11T00:00:00Z';
    t.strictSame(await told(`/events?${within}&orderBy=eventTime&orderDirection=ASC`), [
      '10',
      '10 taken back',
    ]);
    t.strictSame(await told(`/events?${within}&MATCH_epc=${urn('Q10')}`), ['10 taken back', '10']);
    t.strictSame(await told(`/events?GE_eventTime=2025-07-13T00:00:00Z&MATCH_epc=${urn('Q10')}`), []);
    const inOrder: string[] = [];
    let url: string | null = `/events?MATCH_epc=${urn('Q10')}&orderBy=eventTime&orderDirection=ASC&perPage=1`;
    for (; url !== null; url = next(await get(seller, url))) inOrder.push(...(await told(url)));
    t.strictSame(inOrder, ['10', '10 taken back', '12']);
  },
);

t.test('what is answered is of the structure of the schema, also where there is no list', async (t) => {
  const sensorElementList = [{ sensorReport: [{ type: 'Temperature', value: 7, uom: 'CEL' }] }];
  const more = { eventID: 'urn:x:felt', bizStep: 'sensor_reporting', epcList: [], sensorElementList };
  await capture(seller, seen('', 9, more));
  const [event] = listOf(await get(seller, '/events/urn%3Ax%3Afelt'));
  t.match(event, { epcList: [], sensorElementList });
  t.strictSame(event.epcList, []);
});
