import Fastify from 'fastify';
import t from 'tap';
import { hopTypes } from '../../../src/core/events/hop.ts';
import { Refusal } from '../../../src/errors.ts';
import { EventsBody, type Hop, hopsMax } from '../../../src/features/events/schemas.ts';
import { checkRequests } from '../../../src/http/validation.ts';

const app = Fastify();
checkRequests(app);
app.setErrorHandler((error) => {
  if (!(error instanceof Refusal)) throw error;
  return { faults: error.faults.map(({ code, pointer }) => `${pointer} ${code}`) };
});
app.post('/', { schema: { body: EventsBody } }, async () => ({ faults: [] }));

const answer = async (...hops: unknown[]): Promise<string[]> => {
  const response = await app.inject({ method: 'POST', url: '/', payload: { hops } });
  return response.json().faults;
};

const act = { ref: 'DN-17/1', time: '2025-07-01T10:30:00+08:00' };
const epcs = ['(01)06901234567892(21)A7'];
const goods = { epcs };
const metres = { lot: '(01)06901234567892(10)H1', quantity: '12.5', uom: 'MTR' } as const;
const lots = [metres];

/** A hop of every kind as people send it. */
const examples: { [K in Hop['hop']]: Extract<Hop, { hop: K }> } = {
  produce: { hop: 'produce', ...act, ...goods, lot: 'L1', productionDate: '2025-07-01' },
  release: { hop: 'release', ...act, lots: [{ lot: metres.lot }], outcome: 'conformant' },
  pack: { hop: 'pack', ...act, ...goods, container: '(00)069012345678900018' },
  unpack: { hop: 'unpack', ...act, container: '(00)069012345678900018' },
  ship: {
    hop: 'ship',
    ...act,
    ...goods,
    lots,
    place: 'place/X',
    to: '91310000MA1FL0000X',
    transfer: 'sale',
    documents: [{ type: 'desadv', number: 'DN-17' }],
  },
  cancel: { hop: 'cancel', ...act, event: 'ni:///sha-256;00' },
  receive: {
    hop: 'receive',
    ...act,
    ...goods,
    from: '6901234567892',
    differences: [
      { type: 'instance', epc: 'x', found: true },
      { type: 'quantity', lot: 'x', uom: 'MTR', expected: '2', found: '1.5' },
    ],
  },
  sell: { hop: 'sell', ...act, ...goods, private: { buyer: { name: '张三' } } },
  install: { hop: 'install', ...act, ...goods, place: 'place/X' },
  remove: { hop: 'remove', ...act, ...goods, place: 'place/X' },
  replace: { hop: 'replace', ...act, place: 'place/X', removed: goods, installed: goods },
  inspect: { hop: 'inspect', ...act, ...goods, sampling: 'destructive' },
  maintain: {
    hop: 'maintain',
    ...act,
    ...goods,
    outcome: 'conformant',
    nextDue: '2026-07-01',
    parts: { lots },
  },
  refill: { hop: 'refill', ...act, ...goods, outcome: 'non-conformant' },
  transform: { hop: 'transform', ...act, inputs: { lots }, outputs: goods },
  split: { hop: 'split', ...act, of: metres, cuts: { lots } },
  hold: { hop: 'hold', ...act, ...goods },
  seize: { hop: 'seize', ...act, ...goods, as: 'regulator' },
  lift: { hop: 'lift', ...act, ...goods, event: 'ni:///sha-256;00' },
  return: { hop: 'return', ...act, ...goods, direction: 'out', party: 'X', place: 'place/X' },
  scrap: { hop: 'scrap', ...act, ...goods },
  destroy: { hop: 'destroy', ...act, ...goods, time: '2025-07-01+08:00', precision: 'day' },
  adopt: { hop: 'adopt', ...act, ...goods, origin: '2019 年购入' },
  relabel: { hop: 'relabel', ...act, pairs: [{ old: 'a', new: 'b' }] },
  correct: {
    hop: 'correct',
    ...act,
    event: 'ni:///sha-256;00',
    replacement: { hop: 'scrap', ...act, ...goods },
  },
  void: { hop: 'void', ...act, event: 'ni:///sha-256;00', reason: '录入错误' },
};

t.test('every hop has an API form', async (t) => {
  t.strictSame(new Set(Object.keys(examples)), new Set(hopTypes));
  t.strictSame(await answer(...Object.values(examples)), []);
});

t.test('what has no such form is refused, in the words of the hop that was meant', async (t) => {
  const { scrap, ship, correct } = examples;
  const { ref: _, ...withoutRef } = scrap;
  const wrong: [unknown, ...string[]][] = [
    [{ ...scrap, hop: 'fly' }, '/hop invalid-request'],
    [{ ...act, epcs }, '/hop invalid-request'],
    [withoutRef, '/ref invalid-request'],
    [{ ...scrap, ref: 'x'.repeat(129) }, '/ref invalid-request'],
    [{ ...scrap, epcs: [] }, '/epcs invalid-request'],
    [{ ...scrap, epcs: [5] }, '/epcs/0 invalid-request'],
    [{ ...scrap, colour: 'red' }, '/colour unknown-member'],
    [{ ...scrap, transfer: 'sale' }, '/transfer unknown-member'],
    [{ ...scrap, as: 'king' }, '/as invalid-request'],
    [{ ...ship, transfer: 'gift' }, '/transfer invalid-request'],
    [{ ...ship, lots: [{ ...metres, quantity: '-1' }] }, '/lots/0/quantity invalid-quantity'],
    [{ ...ship, lots: [{ ...metres, quantity: 1 }] }, '/lots/0/quantity invalid-request'],
    [{ ...ship, lots: [{ ...metres, uom: 'furlong' }] }, '/lots/0/uom invalid-request'],
    [
      { ...ship, lots: [{ lot: metres.lot }] },
      '/lots/0/quantity invalid-request',
      '/lots/0/uom invalid-request',
    ],
    [{ ...examples.release, lots: [{ lot: 'x', quantity: '1' }] }, '/lots/0 invalid-request'],
    [{ ...examples.produce, productionDate: '2025/07/01' }, '/productionDate invalid-time'],
    [{ ...correct, replacement: examples.void }, '/replacement/hop invalid-request'],
  ];
  const answers = await Promise.all(wrong.map(([hop]) => answer(hop)));
  t.strictSame(
    answers,
    wrong.map(([, ...faults]) => faults.map((it) => `/hops/0${it}`)),
  );
  t.strictSame(await answer(...Array.from({ length: hopsMax + 1 }, () => scrap)), ['/hops too-many-hops']);
});
