/**
 * Who may use which route: the one table. A route without a row here keeps the service from starting. Finer
 * rules (one's own party, one's own GTIN) stand with the features.
 *
 * - `public`: anybody; a token is not looked at
 * - `optional`: anybody; a bearer token that is sent must be valid, and shows more
 * - `party`: any authenticated party
 * - roles: a party with at least one of them
 *
 * Keys are method and pattern as registered; HEAD follows GET; a pattern ending in `*` stands for all that
 * begin so.
 */
import type { Role } from '../core/hop.ts';

export type Access = 'public' | 'optional' | 'party' | readonly Role[];

export const access: Readonly<Record<string, Access>> = {
  // operations
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'optional',
  'GET /problems/:code': 'public',
  'GET /docs*': 'public',
  // access and master data
  'POST /oauth/token': 'public',
  'POST /v1/parties/:id/clients': 'party',
  'GET /v1/parties/:id/clients': 'party',
  'DELETE /v1/parties/:id/clients/:client': 'party',
  'POST /v1/parties': ['operator'],
  'PUT /v1/parties/:id': ['operator'],
  'POST /v1/parties/stubs': 'party',
  'GET /v1/parties/:id': 'party',
  'GET /v1/parties': 'party',
  'POST /v1/places': 'party',
  'PUT /v1/places/:id': 'party',
  'GET /v1/places/:id': 'party',
  'GET /v1/places': 'party',
  'POST /v1/products': ['manufacturer', 'importer', 'operator'],
  'PUT /v1/products/:gtin': ['manufacturer', 'importer', 'operator'],
  'GET /v1/products/:gtin': 'party',
  'GET /v1/products': 'party',
  'POST /v1/gtins': ['operator'],
  'GET /v1/gtins': 'party',
  'GET /v1/gtins/:gtin': 'party',
  'POST /v1/delegations': ['manufacturer', 'importer'],
  'GET /v1/delegations': 'party',
  'GET /v1/delegations/:id': 'party',
  'DELETE /v1/delegations/:id': 'party',
  'POST /v1/certificates': ['certification-body', 'operator'],
  'POST /v1/certificates/:id/status': ['certification-body', 'operator'],
  'GET /v1/certificates/:id': 'party',
  'GET /v1/certificates': 'party',
  'GET /v1/policies/:name': 'public',
  'PUT /v1/policies/rules': ['operator'],
  // findings and cases
  'GET /v1/findings': 'party',
  'GET /v1/cases': 'party',
  'GET /v1/cases/:id': 'party',
  'POST /v1/cases/:id/decisions': ['regulator'],
  'GET /v1/rules': 'public',
  'GET /v1/insights': ['regulator', 'operator'],
  // investigations
  'POST /v1/investigations/common-source': ['regulator'],
  'POST /v1/investigations/fire-site': ['regulator'],
  'POST /v1/investigations/network': ['regulator'],
  // orders
  'POST /v1/orders': ['regulator', 'manufacturer', 'importer'],
  'POST /v1/orders/after-failure': ['regulator'],
  'POST /v1/orders/:id/release': ['regulator', 'manufacturer', 'importer'],
  'GET /v1/orders': 'party',
  'GET /v1/orders/:id': 'party',
  'GET /v1/orders/:id/holders': 'party',
  'GET /v1/orders/:id/things': 'party',
  'GET /v1/orders/:id/changes': 'party',
  'GET /v1/orders/:id/effectiveness': 'party',
  'POST /v1/orders/:id/acknowledge': 'party',
  'GET /v1/inbox': 'party',
  'GET /v1/recalls': 'public',
  // keys
  'POST /v1/keys': ['manufacturer', 'importer', 'distributor', 'seller'],
  'POST /v1/keys/claims': 'party',
  'GET /v1/keys': 'party',
  'POST /v1/keys/:kid/retire': 'party',
  'POST /v1/keys/:kid/compromise': 'party',
  'GET /.well-known/jwks.json': 'public',
  'GET /.well-known/gs1resolver': 'public',
  'GET /v1/trust-list': 'public',
  // codes
  'POST /v1/batches': ['manufacturer', 'importer'],
  'GET /v1/batches/:gtin/:lot': ['manufacturer', 'importer'],
  'GET /v1/batches/:gtin/:lot/codes': ['manufacturer', 'importer'],
  'POST /v1/containers': ['manufacturer', 'importer', 'distributor', 'seller'],
  'POST /v1/lots/:gtin/:lot/code': ['manufacturer', 'importer'],
  'GET /v1/units/:gtin/:serial/code': ['manufacturer', 'importer'],
  'GET /v1/units/:gtin/:serial/qr': ['manufacturer', 'importer'],
  'GET /v1/lots/:gtin/:lot/code': ['manufacturer', 'importer'],
  'GET /v1/lots/:gtin/:lot/qr': ['manufacturer', 'importer'],
  'GET /v1/containers/:sscc/code': 'party',
  'GET /v1/containers/:sscc/qr': 'party',
  // the public log
  'GET /log/checkpoint': 'public',
  'GET /log/key': 'public',
  'GET /log/tile/*': 'public',
  'GET /log/payload/:seq': 'public',
  'POST /witness/add-checkpoint': 'public',
  'GET /witness/key': 'public',
  'GET /witness/:origin/checkpoint': 'public',
  'GET /v1/log/entries/:seq': 'public',
  'GET /v1/log/entries/:seq/proof': 'public',
  'GET /v1/log/consistency': 'public',
  'GET /v1/log/heads': 'public',
  'GET /v1/log/heads/proof': 'party',
  'POST /v1/log/heads': ['operator'],
  // events
  'POST /v1/events': 'party',
  'GET /v1/events/:seq': 'party',
  // events in the words of EPCIS
  'OPTIONS /epcis/v2/events': 'public',
  'POST /epcis/v2/events': 'party',
  'GET /epcis/v2/events': 'party',
  'GET /epcis/v2/events/:eventID': 'party',
  'GET /epcis/v2': 'public',
  'GET /epcis/v2/eventTypes': 'public',
  'GET /epcis/v2/eventTypes/:value/events': 'party',
  'GET /epcis/v2/bizSteps': 'public',
  'GET /epcis/v2/bizSteps/:value/events': 'party',
  'GET /epcis/v2/dispositions': 'public',
  'GET /epcis/v2/dispositions/:value/events': 'party',
  'GET /epcis/v2/epcs/:value/events': 'party',
  'GET /epcis/v2/readPoints/:value/events': 'party',
  'GET /epcis/v2/bizLocations/:value/events': 'party',
  'OPTIONS /epcis/v2/capture': 'public',
  'POST /epcis/v2/capture': 'party',
  'GET /epcis/v2/capture': 'party',
  'OPTIONS /epcis/v2/capture/:id': 'public',
  'GET /epcis/v2/capture/:id': 'party',
  // units
  'GET /verify-evidence': 'public',
  'GET /v1/units/:gtin/:serial': 'party',
  'GET /v1/units/:gtin/:serial/history': 'party',
  'GET /v1/units/:gtin/:serial/findings': 'party',
  'GET /v1/units/:gtin/:serial/evidence': 'party',
  'POST /v1/evidence': 'party',
  'GET /v1/containers/:sscc': 'party',
  'GET /v1/containers/:sscc/history': 'party',
  'GET /v1/lots/:gtin/:lot': 'party',
  'GET /v1/lots/:gtin/:lot/history': 'party',
  // links
  'POST /v1/links': ['manufacturer', 'importer'],
  'GET /v1/links': 'party',
  'GET /v1/links/:id': 'party',
  'DELETE /v1/links/:id': 'party',
  // personal data
  'POST /v1/erasures': 'party',
  // tracing
  'GET /v1/trace': 'party',
  'GET /v1/batches/:gtin/:lot/flow': 'party',
  'GET /v1/batches/:gtin/:lot/flow/units': 'party',
  // verification
  'POST /v1/verify': 'optional',
  'GET /v1/verdicts': 'public',
  'GET /01/:gtin/21/:serial': 'public',
  'GET /01/:gtin/10/:lot': 'public',
  'GET /00/:sscc': 'public',
  'GET /01/:gtin': 'public',
  'GET /01/*': 'public',
  'GET /00/*': 'public',
  'GET /': 'public',
};
