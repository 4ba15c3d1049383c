/** What the owner of GTINs lets another do for it. */

import { chinaZone } from '../../core/china-dates.ts';
import { parseGtin } from '../../core/gs1/identifiers.ts';
import type { DelegationFact } from '../../core/log/fact.ts';
import { parseEventTime } from '../../core/time.ts';
import { refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { gtinKey, ownersOf } from '../owners.ts';
import { partyById } from '../parties/queries.ts';
import { requireParty } from '../parties/references.ts';
import { resolvePlaces } from '../places/references.ts';
import type { Delegation } from './queries.ts';
import type { DelegationBody, DelegationView } from './schemas.ts';

/** The fact of a new delegation by the caller. */
export async function newDelegation(
  { db, policies }: Pick<FeatureDeps, 'db' | 'policies'>,
  body: DelegationBody,
  { party: from }: Caller,
): Promise<{ fact: DelegationFact }> {
  const { sql } = db;
  const to = await requireParty(sql, policies, body.to, from, '/to');
  if (to === from) throw refusalAt('/to', 'invalid-request', 'A party needs no delegation of its own.');
  if ((await partyById(sql, to))?.fact.stub === true) {
    throw refusalAt(
      '/to',
      'state-conflict',
      'This party has no account; the operator must register it first.',
    );
  }
  const gtins = body.gtins.map((text, i) => required(parseGtin(text), `/gtins/${i}`));
  const owners = await ownersOf(sql, gtins.map(gtinKey));
  for (const [i, gtin] of gtins.entries()) {
    if (owners.get(gtinKey(gtin)) !== from) {
      throw refusalAt(
        `/gtins/${i}`,
        'gtin-not-owned',
        `${gtin} is not yours; only its owner can delegate it.`,
      );
    }
  }
  const places = await resolvePlaces(sql, body.places ?? [], '/places');
  const validFrom = moment(body.validFrom, '/validFrom');
  const validUntil = moment(body.validUntil, '/validUntil');
  if (validUntil.until < validFrom.from) {
    throw refusalAt(
      '/validUntil',
      'invalid-time',
      'The delegation ends before it begins; mend one of the two.',
    );
  }
  return {
    fact: {
      kind: 'delegation',
      by: from,
      id: newId(),
      from,
      to,
      gtins: [...new Set<string>(gtins)].sort(),
      places: [...new Set(places)].sort(),
      acts: [...body.acts].sort(),
      validFrom: new Date(validFrom.from).toISOString(),
      validUntil: new Date(validUntil.until).toISOString(),
      revoked: false,
    },
  };
}

/** A day in China or a time with its zone, as the interval it covers. */
const moment = (text: string, pointer: string) =>
  required(parseEventTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}${chinaZone}` : text), pointer);

export const delegationView = ({ seq, fact }: Delegation): DelegationView => {
  const { kind: _, by: __, gtins, places, acts, ...members } = fact;
  return { ...members, gtins: [...gtins], places: [...places], acts: [...acts], seq };
};
