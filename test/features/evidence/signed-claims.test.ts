/** Events of hops that their recorder signed: those that were recorded say what was signed, and none that was altered. */
import t from 'tap';
import { newKey, proveKey, signHop } from '../../../examples/sign-hop.ts';
import { hopTypes } from '../../../src/core/events/hop.ts';
import { mayRecord } from '../../../src/core/events/hop-rules.ts';
import { saysClaim } from '../../../src/core/evidence/evidence-claim-event.ts';
import { type OpenedFact, openFact } from '../../../src/core/evidence/evidence-fact.ts';
import { hideFact } from '../../../src/core/evidence/evidence-hide.ts';
import { commitTo } from '../../../src/core/log/digest.ts';
import { base64url } from '../../../src/core/log/entry.ts';
import type { JsonObject } from '../../../src/core/text/canonical.ts';
import { apiHops } from '../../support/api-hops.ts';
import { testService } from '../../support/service.ts';
import { type Actor, act, container, lot, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor, regulator, stranger } = chain;

const signers = new Map<Actor, (hop: object) => object>();
for (const who of [maker, regulator]) {
  const own = newKey();
  const answer = await service.app.inject({
    method: 'POST',
    url: '/v1/keys/claims',
    headers: { authorization: who.bearer },
    payload: { publicKey: own.public, proof: proveKey(own, service.deps.genesis.origin, who.id) },
  });
  const { kid } = answer.json<{ kid: string }>();
  signers.set(who, (hop) => signHop(hop, kid, own.private));
}

/** The facts that a signed hop became. */
async function recorded(who: Actor, hop: object): Promise<JsonObject[]> {
  const posted = await chain.post(who, [signers.get(who)?.(hop) ?? hop]);
  if (posted.status !== 201) throw new Error(posted.text);
  const events: { seq: number; kind: string }[] = posted.body.facts;
  return Promise.all(
    events
      .filter(({ kind }) => kind === 'event')
      .map(async ({ seq }) => {
        const url = `/v1/events/${seq}`;
        const read = await service.app.inject({ url, headers: { authorization: who.bearer } });
        return read.json<{ fact: JsonObject }>().fact;
      }),
  );
}

/** A fact as a file of evidence shows it whole. */
function shown(fact: JsonObject): OpenedFact {
  const salt = Buffer.alloc(16, 1);
  const all = { member: () => true, epcs: null };
  const opened = openFact(hideFact(fact, salt, null, all), base64url(commitTo(fact, salt, null).digest));
  if (typeof opened === 'string') throw new Error(opened);
  return opened;
}

const holds = (fact: JsonObject, claim = fact.claim): boolean => saysClaim(shown(fact), claim as JsonObject);

t.test('the events of a signed hop of every kind say what was signed', async (t) => {
  await chain.post(maker, [{ hop: 'produce', ...act(), epcs: [unit('A1')] }]);
  const more: object[] = [];
  const ids = async (hop: object) => String((await recorded(maker, hop))[0]?.eventID);
  const ship = { hop: 'ship', ...act(), epcs: [unit('A1')], place: maker.place, to: distributor.id };
  const shipment = await ids({ ...ship, transfer: 'sale' });
  const hold = await ids({ hop: 'hold', ...act(), epcs: [unit('A1')] });
  const own = await ids({ hop: 'inspect', ...act(), epcs: [unit('A1')] });
  const wrong = await ids({ hop: 'inspect', ...act(), epcs: [unit('A1')] });
  const hops = apiHops(chain, { serial: 'A1', shipment, hold, own });
  more.push(...hopTypes.map((it) => (it === 'correct' ? { ...hops.correct, event: wrong } : hops[it])));
  const goods = {
    epcs: [unit('A1')],
    lots: [{ lot: `(01)06901234567892(10)H9`, quantity: '12.50', uom: 'MTR' }],
  };
  const documents = [
    { type: 'desadv', number: 'DN 8/1' },
    { type: 'po', number: 'P-1' },
  ];
  more.push(
    {
      ...ship,
      ...act('2025-07-01+08:00'),
      ...goods,
      documents,
      transfer: 'loan',
      toPlace: distributor.place,
      note: 'x',
    },
    { ...ship, ...act(), precision: 'hour', to: { name: '某某商店', region: '330106' }, transfer: 'sale' },
    { ...ship, ...act(), to: distributor.id.toLowerCase(), transfer: 'sale', place: maker.place },
    { hop: 'sell', ...act(), epcs: [`https://any.example/01/06901234567892/21/A1`], to: distributor.id },
    {
      hop: 'inspect',
      ...act(),
      epcs: [unit('A1')],
      sampling: 'sample',
      from: maker.id,
      outcome: 'non-conformant',
    },
    { hop: 'release', ...act(), lots: [{ lot: lot('L1') }], outcome: 'non-conformant' },
    {
      hop: 'return',
      ...act(),
      epcs: [unit('A1')],
      direction: 'in',
      party: distributor.id,
      partyPlace: distributor.place,
      place: maker.place,
    },
    { hop: 'lift', ...act(), epcs: [unit('A1')], event: hold, to: maker.id },
    { hop: 'cancel', ...act(), event: shipment, epcs: [unit('A1')] },
    { hop: 'pack', ...act(), epcs: [container(7)], container: container(8) },
    { hop: 'produce', ...act(), epcs: [unit('A9')], lot: 'L9', bestBefore: '2030-01-01', place: maker.place },
    {
      hop: 'receive',
      ...act(),
      epcs: [container(8)],
      from: distributor.id,
      fromPlace: distributor.place,
      differences: [{ type: 'instance', epc: unit('A4'), found: true }],
    },
  );
  for (const hop of more as { hop: (typeof hopTypes)[number] }[]) {
    const who = mayRecord('manufacturer', hop.hop) ? maker : regulator;
    for (const fact of await recorded(who, hop)) t.ok(holds(fact), JSON.stringify(hop));
  }
});

t.test('an event that was made to say something else is found', async (t) => {
  const [ship = {}] = await recorded(maker, {
    ...{ hop: 'ship', ...act(), epcs: [unit('B1')], place: maker.place, to: distributor.id },
    ...{ toPlace: distributor.place, transfer: 'sale', documents: [{ type: 'inv', number: 'I-1' }] },
    lots: [{ lot: lot('H1'), quantity: '12.5', uom: 'MTR' }],
  });
  t.ok(holds(ship));
  const put = (list: string, member: string, type: string, value: string) => ({
    [list]: (ship[list] as JsonObject[]).map((it) => (it.type === type ? { ...it, [member]: value } : it)),
  });
  const other = `party/${stranger.id}`;
  const table: readonly (readonly [string, object])[] = [
    ['the hop', { 'suyuan:hop': 'return' }],
    ['the reference', { 'suyuan:ref': 'X' }],
    ['the time', { eventTime: '2025-07-02T10:00:00+08:00' }],
    ['how exactly it is known', { 'suyuan:timePrecision': 'day' }],
    ['one more thing', { epcList: [unit('B1'), unit('B2')] }],
    ['another thing', { epcList: [unit('B2')] }],
    ['one more amount', { quantityList: [{ epcClass: lot('H1'), quantity: '125', uom: 'MTR' }] }],
    ['another unit of measure', { quantityList: [{ epcClass: lot('H1'), quantity: '12.5', uom: 'KMT' }] }],
    ['no amount', { quantityList: [{ epcClass: lot('H1') }] }],
    ['another taker', put('destinationList', 'destination', 'possessing_party', other)],
    ['another giver', put('sourceList', 'source', 'possessing_party', other)],
    ['where it went', put('destinationList', 'destination', 'location', stranger.place)],
    ['where it came from', put('sourceList', 'source', 'location', stranger.place)],
    ['where it was', { readPoint: { id: stranger.place } }],
    ['what passes', { 'suyuan:transfer': 'loan' }],
    ['a note', { 'suyuan:note': 'x' }],
    [
      'another invoice',
      { bizTransactionList: [{ type: 'inv', bizTransaction: `party/${maker.id}/inv/I-2` }] },
    ],
    ['that it was taken back', { errorDeclaration: { reason: 'did_not_occur' } }],
  ];
  for (const [what, more] of table) t.notOk(holds({ ...ship, ...more } as JsonObject), what);

  const [test = {}] = await recorded(regulator, {
    ...{ hop: 'inspect', ...act(), epcs: [unit('B1')], outcome: 'conformant' },
  });
  t.ok(holds(test));
  t.notOk(holds({ ...test, disposition: 'non_conformant' }), 'another result');
  const [blank = {}] = await recorded(regulator, { hop: 'inspect', ...act(), epcs: [unit('B1')] });
  t.notOk(holds({ ...blank, disposition: 'conformant' }), 'a result where there was none');

  const [voided = {}] = await recorded(maker, {
    ...{ hop: 'void', ...act(), event: ship.eventID, reason: '误登' },
  });
  t.ok(holds(voided));
  const { errorDeclaration, ...original } = voided;
  t.notOk(holds(original), 'the event itself');
  const declared = errorDeclaration as JsonObject;
  for (const [what, more] of [
    ['another event taken back', { eventID: test.eventID }],
    ['a correction', { errorDeclaration: { ...declared, reason: 'incorrect_data' } }],
    ['another time of it', { errorDeclaration: { ...declared, declarationTime: '2025-01-01T00:00:00Z' } }],
    ['another reason', { errorDeclaration: { ...declared, 'suyuan:note': 'x' } }],
  ] as const) {
    t.notOk(holds({ ...voided, ...more } as JsonObject), what);
  }
});
