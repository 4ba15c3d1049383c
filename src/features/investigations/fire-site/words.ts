/** The sentences of the dossier. */

import { dateOf } from '../../../core/china-dates.ts';
import type { HopRecord, Outcome, Role } from '../../../core/events/hop.ts';
import { hopWords } from '../../../core/events/hop-words.ts';
import { orderWords } from '../../../core/orders/order.ts';
import { formatQuantity } from '../../../core/quantity.ts';
import { catalogue } from '../../../core/rules/catalogue.ts';
import type { Bilingual } from '../../../web/words.ts';
import type { ClueFindingRow } from '../../cases/queries.ts';
import type { CertificateState } from '../../certificates/validity.ts';
import type { PastOrder } from '../../orders/effective.ts';
import type { PartUsed } from './queries.ts';
import type { Flag } from './schemas.ts';

export const flagWords: Readonly<Record<Flag, Bilingual>> = {
  'not-produced': { zh: '没有生产记录', en: 'No production is recorded' },
  uncertified: {
    zh: '登记中没有生产时有效的认证证书',
    en: 'No certificate on record was valid when it was made',
  },
  'non-conformant': {
    zh: '最近一次检查或维修不合格',
    en: 'Found non-conformant by the last inspection or service',
  },
  blocked: { zh: '已封存、扣押或被责令停用、召回', en: 'On hold, seized, stopped or recalled' },
  scrapped: { zh: '已报废或销毁', en: 'Scrapped or destroyed' },
  overdue: { zh: '逾期未检修', en: 'Overdue for inspection or service' },
  'past-service-life': { zh: '超过使用年限', en: 'Past its service life' },
  finding: { zh: '有未消除的疑点', en: 'Open findings' },
  'missing-record': { zh: '流转记录缺失', en: 'Records of its way are missing' },
};

const stateWords: Readonly<Record<CertificateState, Bilingual>> = {
  'not-yet': { zh: '尚未生效', en: 'not yet in force' },
  valid: { zh: '有效', en: 'valid' },
  suspended: { zh: '已暂停', en: 'suspended' },
  withdrawn: { zh: '已撤销', en: 'withdrawn' },
  expired: { zh: '已过期', en: 'expired' },
};

const outcomeWords: Readonly<Record<Outcome, Bilingual>> = {
  conformant: { zh: '合格', en: 'conformant' },
  'non-conformant': { zh: '不合格', en: 'non-conformant' },
};

const roleWords: Readonly<Partial<Record<Role, Bilingual>>> = {
  laboratory: { zh: '检验机构', en: 'laboratory' },
  regulator: { zh: '监管部门', en: 'regulator' },
  'certification-body': { zh: '认证机构', en: 'certification body' },
  'maintenance-firm': { zh: '维修机构', en: 'maintenance firm' },
  'using-unit': { zh: '使用单位', en: 'using unit' },
  installer: { zh: '安装单位', en: 'installer' },
};

export const day = (ms: number): string => dateOf(ms);

/** What somebody did on a day, with in what quality, where, and with what outcome. */
export function actSentence(hop: HopRecord, recorder: Bilingual, place: string | null): Bilingual {
  const what = hopWords[hop.hop];
  const role = roleWords[hop.as];
  const [zhRole, enRole] = role === undefined ? ['', ''] : [`（${role.zh}）`, ` (${role.en})`];
  const outcome = hop.outcome === null ? null : outcomeWords[hop.outcome];
  const due = hop.nextDue === null ? null : day(hop.nextDue);
  const zh = [
    `${day(hop.until)}，${recorder.zh}${zhRole}记录：${what.zh}`,
    ...(outcome === null ? [] : [`，结论${outcome.zh}`]),
    ...(place === null ? [] : [`，地点${place}`]),
    ...(due === null ? [] : [`，下次应于${due}前检修`]),
  ];
  const en = [
    `${day(hop.until)}: ${what.en.toLowerCase()} by ${recorder.en}${enRole}`,
    ...(outcome === null ? [] : [`, ${outcome.en}`]),
    ...(place === null ? [] : [`, at ${place}`]),
    ...(due === null ? [] : [`, next due by ${due}`]),
  ];
  return { zh: `${zh.join('')}。`, en: `${en.join('')}.` };
}

/** What was put into it by a hop. */
export function partSentence(
  { epc, amount, uom }: PartUsed,
  product: string | null,
  maker: Bilingual | null,
): Bilingual {
  const quantity = amount === null || uom === null ? '' : `${formatQuantity(amount)} ${uom} `;
  const goods = `${product === null ? '' : `${product} `}${epc}`;
  return {
    zh: `装入：${quantity}${goods}${maker === null ? '' : `，其码属${maker.zh}`}。`,
    en: `Put in: ${quantity}${goods}${maker === null ? '' : `, by its number of ${maker.en}`}.`,
  };
}

/** An order as it stood at a moment and stands; `part`: of how many of the things it is, of how many. */
export function orderSentence(
  order: PastOrder,
  moment: number,
  { issuer, part }: { readonly issuer: Bilingual; readonly part: readonly [number, number] | null },
): Bilingual {
  const { at, fact } = order;
  const { type, number, ground } = fact;
  const { zh, en } = orderWords[type];
  const standing = orderStanding(order, moment);
  return {
    zh: `${day(at)}，${issuer.zh}${zh}（${number}，依据：${ground}），${standing.zh}${part === null ? '' : `，涉及 ${part[1]} 件中的 ${part[0]} 件`}。`,
    en: `${day(at)}: ${en.toLowerCase()} by ${issuer.en} (${number}, ground: ${ground}), ${standing.en}${part === null ? '' : `, about ${part[0]} of the ${part[1]}`}.`,
  };
}

function orderStanding({ at, released }: PastOrder, moment: number): Bilingual {
  const ended = released === null ? null : day(released.at);
  if (at > moment)
    return ended === null
      ? { zh: '在查询时刻之后作出，仍有效', en: 'made after the moment asked about, in force' }
      : {
          zh: `在查询时刻之后作出，已于${ended}解除`,
          en: `made after the moment asked about, ended: released on ${ended}`,
        };
  if (released === null) return { zh: '仍有效', en: 'in force' };
  return released.at > moment
    ? {
        zh: `查询时刻有效，已于${ended}解除`,
        en: `in force at the moment asked about, since then released on ${ended}`,
      }
    : { zh: `已结束：于${ended}解除`, en: `ended: released on ${ended}` };
}

/** What the public's scans or reports gave rise to. */
export function clueSentence({ rule, count, firstAt, lastAt, closedAt }: ClueFindingRow): Bilingual {
  const { zh, en, basis } = catalogue[rule];
  const days = day(firstAt) === day(lastAt) ? [day(firstAt)] : [day(firstAt), day(lastAt)];
  const what = basis === 'scans' ? { zh: '扫码', en: 'scans' } : { zh: '举报', en: 'reports' };
  return {
    zh: `${zh}（${what.zh} ${count} 次，${days.join('至')}${closedAt === null ? '' : `，${day(closedAt)}已消除`}）`,
    en: `${en} (${what.en}: ${count}, ${days.join(' to ')}${closedAt === null ? '' : `; explained on ${day(closedAt)}`})`,
  };
}

/** What a certificate was worth on some days. */
export function certificateSentence(
  number: string,
  issuer: Bilingual,
  states: readonly { readonly on: Bilingual; readonly state: CertificateState }[],
): Bilingual {
  return {
    zh: `认证证书 ${number}（${issuer.zh}）：${states.map(({ on, state }) => `${on.zh}${stateWords[state].zh}`).join('，')}。`,
    en: `Certificate ${number} of ${issuer.en}: ${states.map(({ on, state }) => `${stateWords[state].en} ${on.en}`).join(', ')}.`,
  };
}
