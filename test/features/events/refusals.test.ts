import t from 'tap';
import type { ErrorCode } from '../../../src/errors.ts';
import { problems } from '../../../src/http/problems.ts';
import { testPublicUrl, testService } from '../../support/service.ts';
import { type Actor, act, container, lot, otherGtin, supplyChain, unit } from '../../support/supply-chain.ts';

const service = await testService(t);
const chain = await supplyChain(service);
const { maker, distributor, stranger, seller, regulator } = chain;
const made = await chain.post(maker, [{ hop: 'produce', ...act(), epcs: [unit('M1')] }]);
const event: string = made.body.facts[0].id;
const shipped = await chain.post(maker, [
  {
    ...{
      hop: 'ship',
      ...act(),
      epcs: [unit('M2')],
      place: maker.place,
      to: distributor.id,
      transfer: 'sale',
    },
  },
]);
const sent: string = shipped.body.facts[0].id;

interface Case {
  readonly says: string;
  readonly who?: Actor;
  /** Hops, or the body as text. */
  readonly sends: readonly object[] | string;
  readonly code: ErrorCode;
  readonly detail: string;
  /** Pointer, code and sentence; one like the problem's own unless said. */
  readonly errors?: readonly (readonly [pointer: string, code: ErrorCode, detail: string])[] | string;
}

const inspect = (more: object = {}) => ({ hop: 'inspect', ...act(), epcs: [unit('M1')], ...more });
const ship = (more: object = {}) => ({
  hop: 'ship',
  ...act(),
  epcs: [unit('M1')],
  place: maker.place,
  to: distributor.id,
  transfer: 'sale',
  ...more,
});
const textOf = (hop: object) => JSON.stringify({ hops: [hop] });
const many = (count: number) => Array.from({ length: count }, (_, i) => unit(`X${i}`));
const text = (from: string, to: string, hop: object = inspect()) => textOf(hop).replace(from, to);
const zone = 'Write the time as 2025-07-01T10:30:00+08:00, with its zone.';
const noDay = 'There is no such day between the years 1970 and 9999.';
const decimal = 'Must match ^\\d{1,13}(\\.\\d{1,6})?$.';
const metres = (quantity: string, uom = 'MTR') =>
  ship({ epcs: undefined, lots: [{ lot: lot('H1'), quantity, uom }] });

const cases: readonly Case[] = [
  {
    says: 'wrong check digit',
    sends: [inspect({ epcs: ['01/06901234567893/21/A'] })],
    code: 'invalid-check-digit',
    detail: 'The check digit of GTIN 06901234567893 does not fit (it would be 2): look for a mistyped digit.',
    errors: '/hops/0/epcs/0',
  },
  {
    says: 'a serial with a forbidden character',
    sends: [inspect({ epcs: ['(01)06901234567892(21)A B'] })],
    code: 'invalid-serial',
    detail:
      'A serial has 1 to 20 characters: letters, digits and !"%&\'()*+,-./:;<=>?_ (GS1 character set 82), no spaces.',
    errors: '/hops/0/epcs/0',
  },
  {
    says: 'nothing that could be an identifier',
    sends: [inspect({ epcs: ['灭火器'] })],
    code: 'invalid-identifier',
    detail:
      'The path names no known thing; write 01/{GTIN}/21/{serial}, 01/{GTIN}/10/{lot}, 00/{SSCC}, 414/{GLN}, 417/{GLN} or place/{id}.',
    errors: '/hops/0/epcs/0',
  },
  {
    says: 'a product in place of a unit',
    sends: [inspect({ epcs: ['01/06901234567892'] })],
    code: 'invalid-identifier',
    detail: 'This names a product, not one piece of it; add serial or lot.',
    errors: '/hops/0/epcs/0',
  },
  {
    says: 'a lot among the units',
    sends: [inspect({ epcs: [lot('L1')] })],
    code: 'invalid-identifier',
    detail: 'Only units and containers stand here; give lots with their quantity.',
    errors: '/hops/0/epcs/0',
  },
  {
    says: 'an EPC twice in one list, in two spellings',
    sends: [inspect({ epcs: [unit('M1'), '(01)06901234567892(21)M1'] })],
    code: 'duplicate-epc',
    detail: `${unit('M1')} stands twice in one list; name it once.`,
    errors: '/hops/0/epcs/1',
  },
  {
    says: 'a container in itself',
    sends: [{ hop: 'pack', ...act(), epcs: [container(1)], container: container(1) }],
    code: 'invalid-request',
    detail: 'A container cannot hold itself; take it off the list.',
    errors: '/hops/0/epcs',
  },
  {
    says: 'no goods',
    sends: [{ hop: 'scrap', ...act() }],
    code: 'invalid-request',
    detail: 'Name what the hop is about: at least one of epcs or lots.',
    errors: '/hops/0',
  },
  {
    says: '100,001 EPCs',
    sends: [inspect({ epcs: many(60_000) }), inspect({ epcs: many(40_001) })],
    code: 'too-many-epcs',
    detail:
      'The hops of a request name at most 100000 things together; these name 100001. Split the request.',
    errors: [],
  },
  {
    says: '10,001 hops',
    sends: Array.from({ length: 10_001 }, () => inspect()),
    code: 'too-many-hops',
    detail: 'At most 10000 items.',
    errors: '/hops',
  },
  {
    says: 'a time without zone',
    sends: [inspect({ time: '2025-07-01T10:00:00' })],
    code: 'invalid-time',
    detail: zone,
    errors: '/hops/0/time',
  },
  {
    says: '29 February in another year',
    sends: [inspect({ time: '2025-02-29T10:00:00+08:00' })],
    code: 'invalid-time',
    detail: noDay,
    errors: '/hops/0/time',
  },
  {
    says: 'a time in the future',
    sends: [inspect({ time: '2999-07-01T10:00:00+08:00' })],
    code: 'future-time',
    detail: 'The time lies in the future; set your clock, or check the date and its zone.',
    errors: '/hops/0/time',
  },
  {
    says: 'a negative quantity',
    sends: [metres('-1')],
    code: 'invalid-quantity',
    detail: decimal,
    errors: '/hops/0/lots/0/quantity',
  },
  {
    says: 'half a piece',
    sends: [metres('1.5', 'H87')],
    code: 'invalid-quantity',
    detail: 'Pieces are whole; give a whole number or another unit of measure.',
    errors: '/hops/0/lots/0/quantity',
  },
  {
    says: 'an enormous quantity',
    sends: [metres('1000000000001')],
    code: 'invalid-quantity',
    detail: 'A quantity is more than 0 and at most 1000000000000.',
    errors: '/hops/0/lots/0/quantity',
  },
  {
    says: 'the same thing received and missing',
    sends: [
      {
        ...{ hop: 'receive', ...act(), epcs: [unit('M1')], from: distributor.id },
        differences: [{ type: 'instance', epc: unit('M1'), found: false }],
      },
    ],
    code: 'invalid-request',
    detail: `${unit('M1')} is received and missing at once; say one of both.`,
    errors: '/hops/0/differences/0',
  },
  {
    says: 'an unknown unit of measure',
    sends: [metres('1', 'FOT')],
    code: 'invalid-request',
    detail:
      'Must be one of "H87", "MMT", "CMT", "MTR", "KMT", "CMK", "MTK", "GRM", "KGM", "TNE", "MLT", "LTR", "MTQ".',
    errors: '/hops/0/lots/0/uom',
  },
  {
    says: 'a party nobody knows',
    sends: [ship({ to: '0000000000000000' })],
    code: 'unknown-party',
    detail: 'No party has this id; look it up by GLN or credit code.',
    errors: '/hops/0/to',
  },
  {
    says: 'a place of ours that we never gave',
    sends: [ship({ toPlace: 'place/0000000000000000' })],
    code: 'unknown-place',
    detail: 'There is no place place/0000000000000000; register it first, or name it by its GLN.',
    errors: '/hops/0/toPlace',
  },
  {
    says: 'a GTIN that nobody owns',
    sends: [{ hop: 'produce', ...act(), epcs: [`01/${otherGtin}/21/A`] }],
    code: 'gtin-not-owned',
    detail: `GTIN ${otherGtin} is not yours, and its owner has not delegated this to you; ask the operator or the owner.`,
    errors: '/hops/0/epcs/0',
  },
  {
    says: 'a delegation that is none',
    sends: [{ hop: 'produce', ...act(), epcs: [unit('M2')], delegation: 'D1' }],
    code: 'unknown-delegation',
    detail: 'No delegation of this id is given to you and in force; look it up, or leave it out.',
    errors: '/hops/0/delegation',
  },
  {
    says: 'a hop the role never records',
    who: distributor,
    sends: [{ hop: 'seize', ...act(), epcs: [unit('M1')] }],
    code: 'hop-not-allowed',
    detail: 'A seize is recorded by one who acts as regulator.',
    errors: '/hops/0/hop',
  },
  {
    says: 'a role that is not its own',
    who: distributor,
    sends: [inspect({ as: 'regulator' })],
    code: 'hop-not-allowed',
    detail: 'Your client does not act as regulator; leave `as` out, or name a role of its own.',
    errors: '/hops/0/as',
  },
  {
    says: 'voiding what another recorded',
    who: distributor,
    sends: [{ hop: 'void', ...act(), event: sent, reason: 'r' }],
    code: 'not-your-event',
    detail: 'Another party recorded this event; only it can void or correct it.',
    errors: '/hops/0/event',
  },
  // Whether others recorded something is not told to whoever guesses its eventID, nor what was in it.
  ...[
    { hop: 'void', event: sent, reason: 'r' },
    { hop: 'correct', event: sent },
    { hop: 'cancel', event: sent },
    { hop: 'lift', event: sent },
    { hop: 'cancel', event: sent, epcs: [unit('M1')] },
    { hop: 'lift', event: sent, epcs: [unit('M2'), unit('ELSE')] },
  ].map(
    (hop): Case => ({
      says: `${hop.hop} of what the caller has no part in`,
      who: stranger,
      sends: [{ ...hop, ...act() }],
      code: 'unknown-event',
      detail: 'No event of this eventID is recorded; copy it from the answer to the request.',
      errors: '/hops/0/event',
    }),
  ),
  {
    says: 'correcting what nobody recorded',
    sends: [{ hop: 'correct', ...act(), event: 'ni:///sha-256;00?ver=CBV2.0' }],
    code: 'unknown-event',
    detail: 'No event of this eventID is recorded; copy it from the answer to the request.',
    errors: '/hops/0/event',
  },
  {
    says: 'lifting what nobody recorded',
    who: regulator,
    sends: [{ hop: 'lift', ...act(), epcs: [unit('M1')], event: 'urn:none' }],
    code: 'unknown-event',
    detail: 'No event of this eventID is recorded; copy it from the answer to the request.',
    errors: '/hops/0/event',
  },
  {
    says: 'an unknown member',
    sends: [inspect({ colour: 'red' })],
    code: 'unknown-member',
    detail: 'This member is not known here; remove it.',
    errors: '/hops/0/colour',
  },
  {
    says: 'a hop of no kind',
    sends: [inspect({ hop: 'teleport' })],
    code: 'invalid-request',
    detail: 'Must be one of the kinds that /docs lists.',
    errors: '/hops/0/hop',
  },
  {
    says: 'a wrong type',
    sends: [inspect({ epcs: 'A' })],
    code: 'invalid-request',
    detail: 'Must be array.',
    errors: '/hops/0/epcs',
  },
  {
    says: 'malformed JSON',
    sends: '{"hops":[',
    code: 'malformed-json',
    detail: 'Send one well-formed JSON value (RFC 8259) in UTF-8 without a byte order mark.',
    errors: [],
  },
  {
    says: 'a name twice',
    sends: text('"hop":', '"hop":"ship","hop":'),
    code: 'duplicate-name',
    detail: 'A name stands twice in one object; send each name once.',
    errors: '/hops/0/hop',
  },
  {
    says: '__proto__',
    sends: text('"ref":', '"__proto__":{},"ref":'),
    code: 'unknown-member',
    detail: 'This member is not known here; remove it.',
    errors: '/hops/0/__proto__',
  },
  {
    says: 'NUL',
    sends: text('"ref":"', '"ref":"\\u0000'),
    code: 'invalid-string',
    detail: 'Strings and names must not contain NUL (\\u0000) or half of a surrogate pair; remove it.',
    errors: '/hops/0/ref',
  },
  {
    says: 'a lone surrogate',
    sends: text('"ref":"', '"ref":"\\ud800'),
    code: 'invalid-string',
    detail: 'Strings and names must not contain NUL (\\u0000) or half of a surrogate pair; remove it.',
    errors: '/hops/0/ref',
  },
  {
    says: 'deep nesting',
    sends: text('"ref":', `"private":${'{"a":'.repeat(40)}1${'}'.repeat(40)},"ref":`),
    code: 'too-deep',
    detail: 'Nest arrays and objects at most 32 deep.',
    errors: `/hops/0/private${'/a'.repeat(29)}`,
  },
];

for (const { says, who = maker, sends, code, detail, errors = [] } of cases) {
  t.test(says, async (t) => {
    const before = await chain.size();
    const response = await service.app.inject({
      method: 'POST',
      url: '/v1/events',
      headers: {
        authorization: who.bearer,
        'content-type': 'application/json',
        'idempotency-key': says.replace(/[^ -~]/g, '?'),
      },
      payload: typeof sends === 'string' ? sends : JSON.stringify({ hops: sends }),
    });
    const { instance, ...problem } = response.json();
    const list = typeof errors === 'string' ? [[errors, code, detail] as const] : errors;
    t.strictSame(problem, {
      type: `${testPublicUrl}/problems/${code}`,
      title: problems[code].title.en,
      status: problems[code].status,
      detail,
      code,
      ...(list.length === 0
        ? {}
        : { errors: list.map(([pointer, code, detail]) => ({ pointer, code, detail })) }),
    });
    t.equal(response.statusCode, problems[code].status);
    t.match(instance, /^urn:uuid:/);
    t.equal(await chain.size(), before, 'nothing is left in the log');
  });
}

t.test('everything that is wrong is said at once, and nothing is recorded', async (t) => {
  const before = await chain.size();
  const sends = [
    inspect(),
    inspect({ epcs: [unit('M1'), 'nonsense', unit('M2'), '00/1'] }),
    { hop: 'produce', ...act('2999-01-01T00:00:00Z'), epcs: [`01/${otherGtin}/21/A`] },
    ship({ to: '6901234567892', place: 'place/0000000000000000' }),
    { hop: 'seize', ...act(), epcs: [unit('M1')] },
    { hop: 'correct', ...act(), event, replacement: ship({ to: 'x' }) },
  ];
  const { status, body } = await chain.post(maker, sends);
  t.equal(status, 400);
  t.equal(body.code, 'invalid-request');
  t.equal(body.detail, '7 things do not fit; `errors` lists them. Nothing was recorded.');
  t.strictSame(
    body.errors.map(({ pointer, code }: Record<string, string>) => [pointer, code]),
    [
      ['/hops/1/epcs/1', 'invalid-identifier'],
      ['/hops/1/epcs/3', 'invalid-identifier'],
      ['/hops/2/time', 'future-time'],
      ['/hops/3/place', 'unknown-place'],
      ['/hops/3/to', 'unknown-party'],
      ['/hops/4/hop', 'hop-not-allowed'],
      ['/hops/5/replacement/to', 'invalid-identifier'],
    ],
  );
  t.equal(await chain.size(), before);
});

t.test('one event is recorded once', async (t) => {
  const hop = inspect();
  const twice = await chain.post(maker, [hop, hop]);
  t.strictSame([twice.status, twice.body.errors[0].pointer], [409, '/hops/1']);
  const { status, body } = await chain.post(maker, [hop]);
  t.equal(status, 201);
  const again = await chain.post(maker, [inspect(), hop]);
  const { seq } = body.facts[0];
  t.strictSame(
    [again.status, again.body.code, again.body.errors],
    [
      409,
      'duplicate-event',
      [
        {
          pointer: '/hops/1',
          code: 'duplicate-event',
          detail: `Entry ${seq} records this very event; if it happened twice, tell the two apart by \`ref\`.`,
        },
      ],
    ],
  );
  t.equal((await chain.post(seller, [hop])).status, 201, 'another party may have seen the same');
});

t.test(
  'what is wrong is told of every hop: its form, else its sense, else that it is recorded already',
  async (t) => {
    const recorded = inspect();
    t.equal((await chain.post(maker, [recorded])).status, 201);
    const { time: _, ...untimed } = inspect();
    const wrongDigit = inspect({ epcs: ['01/06901234567893/21/A'] });
    const forbidden = { hop: 'seize', ...act(), epcs: [unit('M1')], place: maker.place };
    const told = async (hops: readonly object[]) => {
      const { body } = await chain.post(maker, hops);
      return body.errors.map(({ pointer, code }: Record<string, string>) => `${pointer} ${code}`);
    };
    t.strictSame(await told([untimed, wrongDigit, inspect({ more: 1 }), forbidden, recorded]), [
      '/hops/0/time invalid-request',
      '/hops/1/epcs/0 invalid-check-digit',
      '/hops/2/more unknown-member',
      '/hops/3/hop hop-not-allowed',
      '/hops/4 duplicate-event',
    ]);
    t.strictSame(await told([inspect(), wrongDigit, inspect(), forbidden, recorded]), [
      '/hops/1/epcs/0 invalid-check-digit',
      '/hops/3/hop hop-not-allowed',
      '/hops/4 duplicate-event',
    ]);
    t.strictSame(await told([inspect({ more: 1 }), recorded]), [
      '/hops/0/more unknown-member',
      '/hops/1 duplicate-event',
    ]);
    for (const body of [null, [], 7, { hops: {} }, { hops: null }, { hops: [null, inspect()] }]) {
      const { statusCode } = await service.app.inject({
        method: 'POST',
        url: '/v1/events',
        headers: { authorization: maker.bearer, 'idempotency-key': 'k', 'content-type': 'application/json' },
        payload: JSON.stringify(body),
      });
      t.equal(statusCode, 400, JSON.stringify(body));
    }
    t.strictSame(await told([inspect({ more: 1 }), inspect()]), ['/hops/0/more unknown-member']);
    t.strictSame(await told([inspect(), recorded]), ['/hops/1 duplicate-event']);
  },
);

t.test('the key of the request is required', async (t) => {
  const before = await chain.size();
  const response = await service.app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { authorization: maker.bearer },
    payload: { hops: [inspect()] },
  });
  t.match(response.json(), {
    status: 400,
    code: 'idempotency-key-required',
    detail: 'Choose a key for this request, as a rule a UUID, and send it as Idempotency-Key.',
  });
  t.equal(await chain.size(), before);
});

t.test('tokens of others, or none', async (t) => {
  const send = (authorization?: string) =>
    service.app.inject({
      method: 'POST',
      url: '/v1/events',
      headers: { 'idempotency-key': 'k', ...(authorization === undefined ? {} : { authorization }) },
      payload: { hops: [inspect()] },
    });
  t.match((await send()).json(), { status: 401, code: 'unauthenticated' });
  t.match((await send('Bearer a.b.c')).json(), { status: 401, code: 'token-invalid' });
});
