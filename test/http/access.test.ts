/** Every role × every route, by requests that are really sent, against a list of who is to be let in. */
import type { InjectOptions } from 'light-my-request';
import t from 'tap';
import { roles } from '../../src/core/events/hop.ts';
import { access, readUnderMandate } from '../../src/http/access.ts';
import { testService } from '../support/service.ts';

/** Written out once more, apart from the table that decides, so that no row of it changes unnoticed. */
const letIn: Readonly<Record<string, readonly string[]>> = {
  anybody: [
    'GET /',
    'GET /.well-known/gs1resolver',
    'GET /.well-known/jwks.json',
    'GET /00/*',
    'GET /00/:sscc',
    'GET /01/*',
    'GET /01/:gtin',
    'GET /01/:gtin/10/:lot',
    'GET /01/:gtin/21/:serial',
    'GET /docs*',
    'GET /gtin/*',
    'GET /sscc/*',
    'OPTIONS /01/*',
    'OPTIONS /00/*',
    'OPTIONS /gtin/*',
    'OPTIONS /sscc/*',
    'GET /epcis/v2',
    'GET /epcis/v2/',
    'GET /epcis/v2/bizLocations/:value',
    'GET /epcis/v2/bizSteps/:value',
    'GET /epcis/v2/dispositions/:value',
    'GET /epcis/v2/epcs/:value',
    'GET /epcis/v2/eventTypes',
    'GET /epcis/v2/eventTypes/:value',
    'GET /epcis/v2/readPoints/:value',
    'GET /healthz',
    'GET /log/checkpoint',
    'GET /log/key',
    'GET /log/payload/:seq',
    'GET /log/tile/*',
    'GET /problems/:code',
    'GET /readyz',
    'GET /recalls',
    'GET /samples',
    'GET /v1/samples',
    'GET /report',
    'GET /report/:receipt',
    'GET /report/follow',
    'POST /report',
    'GET /v1/log/consistency',
    'GET /v1/log/entries/:seq',
    'GET /v1/log/entries/:seq/proof',
    'GET /v1/log/heads',
    'GET /v1/policies/:name',
    'GET /v1/rules',
    'GET /v1/recalls',
    'GET /v1/reports/:receipt',
    'GET /v1/reports/keys',
    'POST /v1/reports',
    'POST /v1/reports/:receipt/photos',
    'GET /v1/trust-list',
    'GET /v1/verdicts',
    'GET /witness/:origin/checkpoint',
    'GET /witness/key',
    'GET /verify-evidence',
    'OPTIONS /epcis/v2',
    'OPTIONS /epcis/v2/',
    'OPTIONS /epcis/v2/bizLocations',
    'OPTIONS /epcis/v2/bizLocations/:value',
    'OPTIONS /epcis/v2/bizLocations/:value/events',
    'OPTIONS /epcis/v2/bizSteps',
    'OPTIONS /epcis/v2/bizSteps/:value',
    'OPTIONS /epcis/v2/bizSteps/:value/events',
    'OPTIONS /epcis/v2/capture',
    'OPTIONS /epcis/v2/capture/:id',
    'OPTIONS /epcis/v2/dispositions',
    'OPTIONS /epcis/v2/dispositions/:value',
    'OPTIONS /epcis/v2/dispositions/:value/events',
    'OPTIONS /epcis/v2/epcs',
    'OPTIONS /epcis/v2/epcs/:value',
    'OPTIONS /epcis/v2/epcs/:value/events',
    'OPTIONS /epcis/v2/eventTypes',
    'OPTIONS /epcis/v2/eventTypes/:value',
    'OPTIONS /epcis/v2/eventTypes/:value/events',
    'OPTIONS /epcis/v2/events',
    'OPTIONS /epcis/v2/vocabularies',
    'OPTIONS /epcis/v2/events/:eventID',
    'OPTIONS /epcis/v2/nextPageToken/:token',
    'OPTIONS /epcis/v2/queries',
    'OPTIONS /epcis/v2/queries/:name',
    'OPTIONS /epcis/v2/queries/:name/events',
    'OPTIONS /epcis/v2/queries/:name/subscriptions',
    'OPTIONS /epcis/v2/readPoints',
    'OPTIONS /epcis/v2/readPoints/:value',
    'OPTIONS /epcis/v2/readPoints/:value/events',
    'POST /oauth/token',
    'POST /witness/add-checkpoint',
  ],
  'anybody, but nobody with a bad token': [
    'GET /epcis/v2/bizSteps',
    'GET /epcis/v2/dispositions',
    'GET /metrics',
    'OPTIONS /epcis/v2/queries/:name/subscriptions/:id',
    'POST /v1/verify',
  ],
  'any party': [
    'DELETE /v1/delegations/:id',
    'DELETE /v1/parties/:id/clients/:client',
    'GET /v1/batches/:gtin/:lot/flow',
    'GET /v1/batches/:gtin/:lot/flow/units',
    'GET /v1/products/:gtin/flow',
    'GET /v1/products/:gtin/flow/units',
    'GET /v1/cases',
    'GET /v1/cases/:id',
    'GET /v1/certificates',
    'GET /v1/certificates/:id',
    'GET /v1/containers/:sscc',
    'GET /v1/containers/:sscc/code',
    'GET /v1/containers/:sscc/history',
    'GET /v1/containers/:sscc/qr',
    'GET /v1/delegations',
    'GET /v1/delegations/:id',
    'GET /epcis/v2/bizLocations',
    'GET /epcis/v2/bizLocations/:value/events',
    'GET /epcis/v2/bizSteps/:value/events',
    'GET /epcis/v2/capture',
    'GET /epcis/v2/capture/:id',
    'GET /epcis/v2/dispositions/:value/events',
    'GET /epcis/v2/epcs',
    'GET /epcis/v2/epcs/:value/events',
    'GET /epcis/v2/events',
    'GET /epcis/v2/vocabularies',
    'GET /epcis/v2/events/:eventID',
    'GET /epcis/v2/eventTypes/:value/events',
    'DELETE /epcis/v2/nextPageToken/:token',
    'DELETE /epcis/v2/queries/:name',
    'GET /epcis/v2/queries',
    'GET /epcis/v2/queries/:name',
    'GET /epcis/v2/queries/:name/events',
    'POST /epcis/v2/queries',
    'POST /epcis/v2/queries/:name/subscriptions',
    'GET /epcis/v2/queries/:name/subscriptions',
    'GET /epcis/v2/queries/:name/subscriptions/:id',
    'DELETE /epcis/v2/queries/:name/subscriptions/:id',
    'GET /epcis/v2/readPoints',
    'GET /epcis/v2/readPoints/:value/events',
    'GET /v1/events/:seq',
    'POST /epcis/v2/capture',
    'POST /epcis/v2/events',
    'GET /v1/findings',
    'GET /v1/insights/overdue',
    'GET /v1/gtins',
    'GET /v1/gtins/:gtin',
    'DELETE /v1/links/:id',
    'GET /v1/keys',
    'GET /v1/links',
    'GET /v1/links/:id',
    'POST /v1/erasures',
    'POST /v1/keys/claims',
    'GET /v1/log/heads/proof',
    'GET /v1/lots/:gtin/:lot',
    'GET /v1/lots/:gtin/:lot/history',
    'GET /v1/inbox',
    'GET /v1/orders',
    'GET /v1/orders/:id',
    'GET /v1/orders/:id/changes',
    'GET /v1/orders/:id/effectiveness',
    'GET /v1/orders/:id/holders',
    'GET /v1/orders/:id/things',
    'POST /v1/orders/:id/acknowledge',
    'GET /v1/parties',
    'GET /v1/parties/:id',
    'GET /v1/parties/:id/clients',
    'GET /v1/places',
    'GET /v1/places/:id',
    'GET /v1/products',
    'GET /v1/products/:gtin',
    'GET /v1/trace',
    'GET /v1/units/:gtin/:serial',
    'GET /v1/units/:gtin/:serial/evidence',
    'GET /v1/units/:gtin/:serial/findings',
    'GET /v1/units/:gtin/:serial/history',
    'POST /v1/events',
    'POST /v1/evidence',
    'POST /v1/keys/:kid/compromise',
    'POST /v1/keys/:kid/retire',
    'DELETE /v1/parties/:id/webhooks/:webhook',
    'GET /v1/parties/:id/webhooks',
    'GET /v1/parties/:id/webhooks/:webhook',
    'POST /v1/parties/:id/webhooks',
    'POST /v1/parties/:id/webhooks/:webhook/ping',
    'POST /v1/parties/:id/clients',
    'POST /v1/parties/stubs',
    'POST /v1/places',
    'PUT /v1/places/:id',
  ],
  regulator: [
    'POST /v1/cases/:id/decisions',
    'GET /v1/reports',
    'GET /v1/reports/:id/photos/:n',
    'POST /v1/reports/keys',
    'POST /v1/reports/:id/steps',
    'POST /v1/investigations/common-source',
    'POST /v1/orders/after-failure',
    'POST /v1/investigations/fire-site',
    'POST /v1/investigations/network',
    'POST /v1/mandates',
    'POST /v1/mandates/:id/approval',
  ],
  operator: [
    'POST /v1/gtins',
    'POST /v1/log/heads',
    'POST /v1/parties',
    'PUT /v1/parties/:id',
    'PUT /v1/policies/rules',
    'PUT /v1/policies/standards',
    'PUT /v1/policies/certification',
    'PUT /v1/policies/firms',
    'PUT /v1/policies/territories',
  ],
  'regulator, operator': [
    'GET /v1/insights',
    'GET /v1/insights/entries',
    'GET /v1/mandates',
    'GET /v1/mandates/:id',
    'GET /v1/mandates/:id/reads',
    'POST /v1/mandates/:id/end',
    'POST /v1/reports/:id/erasures',
  ],
  'operator, certification-body': ['POST /v1/certificates', 'POST /v1/certificates/:id/status'],
  'operator, manufacturer, importer': ['POST /v1/products', 'PUT /v1/products/:gtin'],
  'manufacturer, importer': [
    'GET /v1/batches/:gtin/:lot',
    'GET /v1/batches/:gtin/:lot/codes',
    'GET /v1/lots/:gtin/:lot/code',
    'GET /v1/lots/:gtin/:lot/qr',
    'GET /v1/units/:gtin/:serial/code',
    'GET /v1/units/:gtin/:serial/qr',
    'POST /v1/batches',
    'POST /v1/delegations',
    'POST /v1/links',
    'POST /v1/lots/:gtin/:lot/code',
  ],
  'regulator, manufacturer, importer': ['POST /v1/orders', 'POST /v1/orders/:id/release'],
  'manufacturer, importer, distributor, seller': ['POST /v1/containers', 'POST /v1/keys'],
};

/** Every route with who is let in; sorted by name. */
const expected = Object.entries(letIn)
  .flatMap(([who, routes]) => routes.map((name) => ({ name, who })))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

/** What is asked by POST and records nothing. */
const asking = [
  'POST /v1/evidence',
  'POST /v1/investigations/common-source',
  'POST /v1/investigations/fire-site',
  'POST /v1/investigations/network',
];

t.test('under a mandate only what records nothing is open, and only to those with a token', async (t) => {
  const names = [...readUnderMandate];
  t.strictSame(
    names.filter((name) => !['party', 'regulator'].includes(String(access[name]))),
    [],
  );
  t.strictSame(
    names.filter((name) => !name.startsWith('GET /') && !asking.includes(name)),
    [],
  );
  t.strictSame(
    names.filter((name) => /orders|insights|reports|clients|webhooks|queries|inbox|mandates/.test(name)),
    [],
  );
});

type Outcome = 'let in' | 'unauthenticated' | 'token-invalid' | 'forbidden';

t.test('access', async (t) => {
  const service = await testService(t);
  const ask = async (name: string, authorization?: string): Promise<string> => {
    const [method = '', pattern = ''] = name.split(' ');
    const answer = await service.app.inject({
      method: method as NonNullable<InjectOptions['method']>,
      url: pattern.replaceAll(/:\w+/g, 'x').replace('*', ''),
      headers: authorization ? { authorization } : {},
    });
    if (!answer.headers['content-type']?.toString().includes('problem+json')) return 'let in';
    const { code, detail } = answer.json<{ code?: string; detail: string }>();
    if (code === undefined) return `${answer.statusCode} ${detail}`;
    // What a feature itself refuses is refused to somebody who was let in.
    const atTheDoor = code === 'forbidden' ? /^This is for parties with the role/.test(detail) : true;
    return ['unauthenticated', 'token-invalid', 'forbidden'].includes(code) && atTheDoor ? code : 'let in';
  };
  const everyRoute = async (authorization: string | undefined): Promise<string[]> => {
    const found = [];
    for (const { name } of expected) found.push(`${name}: ${await ask(name, authorization)}`);
    return found;
  };
  const all = (outcomeFor: (who: string) => Outcome): string[] =>
    expected.map(({ name, who }) => `${name}: ${outcomeFor(who)}`);
  const open = (who: string): boolean => who.startsWith('anybody');

  t.test('every route of the table is in the list', async (t) => {
    t.strictSame(
      Object.keys(access).sort(),
      expected.map(({ name }) => name),
    );
  });

  t.test('without a token', async (t) => {
    t.strictSame(
      await everyRoute(undefined),
      all((who) => (open(who) ? 'let in' : 'unauthenticated')),
    );
  });

  t.test('with a token that is none of ours', async (t) => {
    t.strictSame(
      await everyRoute('Bearer x.y.z'),
      all((who) => (who === 'anybody' ? 'let in' : 'token-invalid')),
    );
  });

  for (const role of roles)
    t.test(`as ${role}`, async (t) => {
      t.strictSame(
        await everyRoute(service.bearer([role])),
        all((who) =>
          open(who) || who === 'any party' || who.split(', ').includes(role) ? 'let in' : 'forbidden',
        ),
      );
    });

  t.test('a party without any role is let in where any party is', async (t) => {
    t.strictSame(
      await everyRoute(service.bearer([])),
      all((who) => (open(who) || who === 'any party' ? 'let in' : 'forbidden')),
    );
  });
});
