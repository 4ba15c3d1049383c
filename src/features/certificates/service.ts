/** What a certification body says of its certificates. */

import type { PartyId } from '../../core/events/hop.ts';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import type { CertificateFact } from '../../core/log/fact.ts';
import { parseDate } from '../../core/time.ts';
import { Refusal, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { certificateKey, ownersOf } from '../owners.ts';
import { partyById } from '../parties/queries.ts';
import { requireParty } from '../parties/references.ts';
import { resolvePlaces } from '../places/references.ts';
import { type Certificate, factsOf } from './queries.ts';
import type { CertificateBody, CertificateView, StatusBody } from './schemas.ts';
import { counting, stateOn } from './validity.ts';

type Needs = Pick<FeatureDeps, 'db' | 'policies'>;

/** The fact of a new certificate. A body gives a number once: `already-exists`. */
export async function newCertificate(
  deps: Needs,
  body: CertificateBody,
  by: Caller,
): Promise<{ fact: CertificateFact }> {
  const { sql } = deps.db;
  const issuer = await issuerOf(deps, body.issuer, by);
  const holder = await requireParty(sql, deps.policies, body.holder, by.party, '/holder');
  const gtins = body.gtins.map((text, i) => required(parseGtin(text), `/gtins/${i}`));
  const factories = await resolvePlaces(sql, body.factories ?? [], '/factories');
  const validFrom = required(parseDate(body.validFrom), '/validFrom');
  const validUntil = required(parseDate(body.validUntil), '/validUntil');
  if (validUntil < validFrom) {
    throw refusalAt(
      '/validUntil',
      'invalid-time',
      'The certificate ends before it begins; mend one of the two.',
    );
  }
  const number = body.number.trim();
  const key = certificateKey(issuer, number);
  if ((await ownersOf(sql, [key])).has(key)) {
    throw refusalAt('/number', 'already-exists', `Certificate ${number} of this body is recorded already.`);
  }
  return {
    fact: {
      kind: 'certificate',
      by: by.party,
      id: newId(),
      number,
      issuer,
      holder,
      status: 'issued',
      since: validFrom,
      scheme: body.scheme.trim(),
      gtins: [...new Set<string>(gtins)].sort(),
      models: (body.models ?? []).map((model) => model.trim()),
      factories: [...new Set(factories)].sort(),
      validFrom,
      validUntil,
    },
  };
}

async function issuerOf({ db, policies }: Needs, name: string | undefined, by: Caller): Promise<PartyId> {
  const operator = by.roles.includes('operator');
  if (name === undefined) {
    if (operator)
      throw refusalAt('/issuer', 'invalid-request', 'Name the certification body that issued it.');
    return by.party;
  }
  const issuer = await requireParty(db.sql, policies, name, by.party, '/issuer');
  if (!operator && issuer !== by.party) {
    throw refusalAt('/issuer', 'forbidden', 'Only the operator records certificates of others.');
  }
  const roles = (await partyById(db.sql, issuer))?.fact.roles ?? [];
  if (!roles.includes('certification-body')) {
    throw refusalAt('/issuer', 'state-conflict', 'This party is not registered as a certification body.');
  }
  return issuer;
}

/** The fact of a change of status. What is withdrawn stays so. */
export function newStatus(certificate: Certificate, body: StatusBody, by: Caller): { fact: CertificateFact } {
  const current = newestOf(certificate);
  if (current.issuer !== by.party && !by.roles.includes('operator')) {
    throw new Refusal('forbidden', 'Only the body that issued a certificate changes its status.');
  }
  if (current.status === 'withdrawn') {
    throw new Refusal('state-conflict', 'The certificate is withdrawn for good; record a new one.');
  }
  if (current.status === body.status) {
    throw new Refusal('state-conflict', `The certificate is ${body.status} already.`);
  }
  const since = required(parseDate(body.since), '/since');
  return { fact: { ...current, by: by.party, status: body.status, since, reason: body.reason.trim() } };
}

const newestOf = (certificate: Certificate): CertificateFact =>
  counting(factsOf(certificate)).at(-1) ?? certificate[0].fact;

/** A certificate as everybody sees it, with its state on a day. */
export function certificateView(certificate: Certificate, today: string): CertificateView {
  const fact = newestOf(certificate);
  return {
    id: fact.id,
    number: fact.number,
    issuer: fact.issuer,
    holder: fact.holder,
    scheme: fact.scheme,
    gtins: [...fact.gtins],
    models: [...fact.models],
    factories: [...fact.factories],
    validFrom: fact.validFrom,
    validUntil: fact.validUntil,
    state: stateOn(factsOf(certificate), today),
    history: certificate.map(({ seq, fact: { status, since, reason } }) => ({
      status,
      since,
      ...(reason === undefined ? {} : { reason }),
      seq,
    })),
  };
}
