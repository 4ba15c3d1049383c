/**
 * Things that came out of nowhere.
 *
 *   never-produced   a genuine code goes through the trade, and its maker never recorded that the thing was made. Either
 *                    the record is late, or codes were stuck on goods of somebody else
 *   never-received   nobody issued the code here, and the first that is told of the thing is that somebody shipped, sold or
 *                    returned it, who never recorded making it, having it in stock or receiving it
 *   unregistered     the thing bears a number that nobody issued: an invented serial on a counterfeit, or one misread. Found
 *                    with the first that anybody tells of it where codes of the product are issued here; where they are
 *                    not, be it that nobody registered the product, with the first that an authority tells
 *   unregistered-product   the thing bears the number of a product that nobody registered, and no authority tells of it: a
 *                    misread label, goods of whoever records elsewhere, or goods that pretend. Found with the first that each
 *                    party tells of the thing, and filed once a product and party (features/findings/spokesmen.ts)
 *
 *     found when no production or adoption counts, nor that it was made, cut or relabelled of something else; the first two
 *     when somebody whose word counts had the thing, and the grace period since that was recorded is over
 *
 *   production-beyond-codes   its maker recorded that it was made, and issued codes for other units of the product, but none
 *                             for this one. That of lots is found by their balances (life/lot.ts)
 *
 * What waits for a grace period is found when that runs out, and closed by the record of how the thing came to be or came
 * there.
 *
 * With these every piece that a party passes on beyond what came to it is told of: by the rules of the lifecycle where
 * it had been somebody else's, by these where it had been nobody's, and by `lot-quantity-exceeded` where it has no serial.
 *
 * Examples: code issued on 1 June; B records on 5 June that it received the thing; by 9 June there is no production. Nobody
 * issued the code of another thing; C records on 5 June that it sold it; by 9 June there is no receipt. M has five codes for
 * a lot and records as made five units and a sixth; a seventh, of which M says nothing, fails a test of an authority.
 */
import type { PartyId } from '../events/hop.ts';
import { half } from '../life/history.ts';
import { isOfficial } from '../life/standing.ts';
import type { FoundBy } from './rule.ts';
import type { Thing } from './thing.ts';

export const productionRules = {
  'never-produced': {
    version: 3,
    family: 'life',
    basis: 'log',
    severities: ['risk'],
    cause: 'late-upload',
    thresholds: ['grace-days'],
    zh: '真码已进入流通，但始终没有生产登记。',
    en: 'A genuine code is in the trade, and nobody recorded that the thing was made.',
  },
  'never-received': {
    version: 3,
    family: 'quantity',
    basis: 'log',
    severities: ['risk'],
    cause: 'late-upload',
    thresholds: ['grace-days'],
    zh: '无人签发其身份码，转出方也没有登记其来源。',
    en: 'A party passed it on without a record of how it got it, and nobody issued its code.',
  },
  unregistered: {
    version: 2,
    family: 'life',
    basis: 'log',
    severities: ['risk'],
    cause: 'clone',
    thresholds: [],
    zh: '该编号从未在本系统签发。',
    en: 'It bears a number that was never issued here.',
  },
  'unregistered-product': {
    version: 1,
    family: 'life',
    basis: 'log',
    severities: ['quality'],
    cause: 'data-error',
    thresholds: [],
    zh: '登记的商品条码在本系统没有任何一方注册。',
    en: 'The number of its product is registered with nobody here.',
  },
} as const;

type Found = FoundBy<keyof typeof productionRules | 'production-beyond-codes'>;

type Asked = Pick<Thing, 'issued' | 'unissued' | 'isUnit' | 'state' | 'told' | 'asOf' | 'graceMs'>;

export function outOfNowhere(thing: Asked): readonly Found[] {
  const { issued, unissued, isUnit, state, told } = thing;
  if (!isUnit) return [];
  const begun = told.find(({ begins, effect }) => begins && effect);
  if (begun !== undefined && begun.hop.hop !== 'adopt' && !state.adopted && unissued?.coded === true)
    return [{ rule: 'production-beyond-codes', seqs: [begun.hop.seq, begun.hop.seq], severity: 'conflict' }];
  if (state.produced !== null || state.adopted || begun !== undefined) return [];
  const stranger = issued
    ? undefined
    : told.find(({ hop }) => unissued?.coded === true || isOfficial(hop.as));
  return stranger === undefined
    ? [...ofNobody(thing), ...neverCame(thing)]
    : [{ rule: 'unregistered', seqs: [stranger.hop.seq, stranger.hop.seq], severity: 'risk' }];
}

/** The first that each party tells of it. */
function ofNobody({ issued, unissued, told }: Asked): readonly Found[] {
  if (issued || unissued !== null) return [];
  const firsts = new Map<PartyId, number>();
  for (const { hop } of told)
    firsts.set(hop.recorder, Math.min(hop.seq, firsts.get(hop.recorder) ?? hop.seq));
  return [...firsts.values()].map((seq) => ({
    rule: 'unregistered-product',
    seqs: [seq, seq],
    severity: 'quality',
  }));
}

function neverCame({ issued, state: { first }, told, asOf, graceMs }: Asked): readonly Found[] {
  const hop = first === null ? undefined : told.find((it) => it.hop.seq === first.seq)?.hop;
  if (hop === undefined || asOf - hop.recordedAt <= graceMs) return [];
  if (!issued && half(hop) !== 'giving' && hop.hop !== 'sell') return [];
  const rule = issued ? 'never-produced' : 'never-received';
  return [{ rule, seqs: [hop.seq, hop.seq], severity: 'risk' }];
}
