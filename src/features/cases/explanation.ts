/**
 * What a finding says beside the sentence of its rule: who did what, when, where and how much, with what it does not go
 * together. Made as it is read, of what its reader may see (grounds.ts): a party that it may not know has no name here. Where
 * what makes the sentence is not told to the reader, or not known any more, there is none, and the rule's sentence stands.
 *
 * Example: impossible-travel: "杭甲公司于2025-07-01 10:00在浙江省杭州市收货；粤乙商行于2025-07-01 14:00在广东省广州市销售：
 * 相距至少1048公里，至多4小时，须达每小时262公里。"
 */
import { dateOf, endOf } from '../../core/china-dates.ts';
import { catalogue, type RuleName } from '../../core/rules/catalogue.ts';
import type { Bilingual } from '../../web/words.ts';
import { type Act, did, heldBy, momentOf, together } from './act-words.ts';
import type { Shortage } from './shortages.ts';

/** Scans or reports that a finding rests on. */
export interface Clues {
  readonly count: number;
  /** ms since the epoch. */
  readonly first: number;
  readonly last: number;
  readonly regions: readonly Bilingual[];
  /** How many were usual, of a rule that compares with that. */
  readonly expected: number | null;
}

/** What a finding rests on, as told to its reader; null where it is not told, not known, or no matter of the rule. */
export interface Ground {
  /** The two sides; the same where one contradicts an absence, null also where it is no hop. */
  readonly one: Act | null;
  readonly other: Act | null;
  readonly alone: boolean;
  /** When the two entries were recorded and the finding came to be; dates. */
  readonly oneOn: string;
  readonly otherOn: string;
  readonly openedOn: string;
  /** How far apart the places of the two are at least. */
  readonly km: number | null;
  /** The last day of its service life, until which it is best used, or by which it was due for service. */
  readonly lastDay: string | null;
  readonly model: string | null;
  readonly standard: { readonly name: string; readonly until: string } | null;
  readonly certificate: {
    readonly number: string;
    readonly from: string;
    readonly until: string;
    /** Since when it is not valid, although its time has not run out. */
    readonly ceased: string | null;
  } | null;
  /** What was ordered, and by whom. */
  readonly order: { readonly what: Bilingual; readonly by: Bilingual } | null;
  /** Where the dealer may sell. */
  readonly territory: Bilingual | null;
  /** How many things the firm may refill a day. */
  readonly capacity: number | null;
  /** How many codes of the lot had been issued. */
  readonly codes: number | null;
  /** The batch of goods by measure. */
  readonly lot: string | null;
  readonly shortage: Shortage | null;
  readonly making: { readonly input: Bilingual; readonly output: Bilingual } | null;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

const say = (zh: string, en: string): Bilingual => ({ zh, en: en.replace(/^somebody\b/, 'Somebody') });

/** The finding in the terms of its own case; null where the reader is not told enough, and of what rests on clues. */
export function explain(rule: RuleName, ground: Ground): Bilingual | null {
  const { one, other, alone, oneOn, otherOn, openedOn, certificate, order } = ground;
  switch (rule) {
    case 'receipt-without-shipment':
      return ofOne(other, (it) =>
        say(`${it.zh}，但没有向其发货的登记。`, `${it.en}; nobody recorded shipping it there.`),
      );
    case 'withdrawn-after-receipt':
      return ofBoth(ground, (a, b) => say(`${a.zh}；${b.zh}。`, `${a.en}; ${b.en}.`));
    case 'cancelled-not-shipped':
      return ofOne(other, (it) =>
        say(
          `${it.zh}，而所取消的发货中没有该产品，或没有这么多。`,
          `${it.en}; the shipment that this cancels did not hold it, or not as much of it.`,
        ),
      );
    case 'received-differently':
      return ofBoth(ground, (a, b) =>
        say(`${a.zh}；${b.zh}：两者不一致。`, `${a.en}; ${b.en}: these differ.`),
      );
    case 'ship-by-non-holder':
    case 'handled-by-non-holder':
      return ofOne(other, (it) => {
        const held = alone ? null : heldBy(one);
        return held === null
          ? say(`${it.zh}，而按记录它并不持有该产品。`, `${it.en}, and by the record it did not have it.`)
          : say(`${it.zh}，而按记录${held.zh}。`, `${it.en}; by the record ${held.en}.`);
      });
    case 'double-sale':
      return ofBoth(ground, (a, b) => say(`${a.zh}；又：${b.zh}。`, `${a.en}; and again ${b.en}.`));
    case 'two-containers-at-once':
    case 'implied-unpack':
      return ofBoth(ground, (a, b) =>
        say(`${a.zh}；没有拆箱登记，${b.zh}。`, `${a.en}; without being recorded as unpacked: ${b.en}.`),
      );
    case 'event-after-scrap':
      return ofBoth(ground, (a, b) => say(`${a.zh}；其后${b.zh}。`, `${a.en}; after that ${b.en}.`));
    case 'event-before-production':
      return ofBoth(ground, (a, b) => say(`${a.zh}；其后才${b.zh}。`, `${a.en}; only after that ${b.en}.`));
    case 'produced-twice':
      return ofBoth(ground, (a, b) => say(`${a.zh}；又：${b.zh}。`, `${a.en}; again ${b.en}.`));
    case 'certificate-not-valid-at-production':
      return ofOne(other, (it) => {
        if (alone)
          return say(`${it.zh}，当时没有任何认证证书。`, `${it.en}; there was no certificate at all.`);
        return certificate === null ? null : outOfForce(it, certificate);
      });
    case 'moved-while-blocked':
      return ofBoth(ground, (a, b) =>
        say(`${a.zh}；未经解除，${b.zh}。`, `${a.en}; before that was lifted, ${b.en}.`),
      );
    case 'lot-quantity-exceeded':
      return ofOne(other, (it) => {
        if (other?.amount === null) return null;
        const last = alone || one === null ? null : did(one);
        const { lot, shortage } = ground;
        const [batch, against] = [lot === null ? nothing : batchWords(lot), balanceWords(shortage)];
        return say(
          `${batch.zh}${it.zh}，${against.zh}。${last === null ? '' : `此前最近一次入账：${last.zh}。`}`,
          `${batch.en}${it.en}${against.en}.${last === null ? '' : ` What came last before: ${last.en}.`}`,
        );
      });
    case 'measured-in-another-kind':
      return ofBoth(ground, (a, b) =>
        say(`该批次的计量见：${a.zh}；而${b.zh}。`, `The lot is measured as in: ${a.en}; but ${b.en}.`),
      );
    case 'implied-receipt':
      return ofBoth(ground, (a, b) =>
        say(`${a.zh}；没有收货登记，${b.zh}。`, `${a.en}; without a receipt on record, ${b.en}.`),
      );
    case 'lift-without-power':
      return ofBoth(ground, (a, b) =>
        say(`${a.zh}；${b.zh}，而它无权解除。`, `${a.en}; ${b.en}, which it has no power to do.`),
      );
    case 'stranger-claim':
    case 'user-without-seller':
      return ofOne(other, (it) => {
        const held = alone ? null : heldBy(one);
        const unsold = rule === 'user-without-seller';
        return say(
          `${it.zh}，而没有任何记录${unsold ? '表明售给它' : '将它与该产品联系起来'}${held === null ? '' : `；按记录${held.zh}`}。`,
          `${it.en}; nothing on record ${unsold ? 'tells of a sale to it' : 'connects it with the thing'}${held === null ? '' : `, and by the record ${held.en}`}.`,
        );
      });
    case 'production-beyond-codes':
      return ofOne(other, (it) => {
        if (other?.amount === null)
          return say(`${it.zh}，而没有签发过这一身份码。`, `${it.en}, and no code was issued for it.`);
        return ground.codes === null
          ? null
          : say(
              `${it.zh}；该批次到那时共签发${ground.codes}个身份码。`,
              `${it.en}; codes issued of the lot by then: ${ground.codes}.`,
            );
      });
    case 'slow-transit':
      return ofBoth(ground, (a, b, days) =>
        say(`${a.zh}；${days}天后${b.zh}。`, `${a.en}; ${days} days later ${b.en}.`),
      );
    case 'never-arrived':
      return ofOne(other, (it) =>
        say(
          `${it.zh}；至${openedOn}无人登记到货。`,
          `${it.en}; until ${openedOn} nobody recorded that it arrived.`,
        ),
      );
    case 'never-produced':
      return ofOne(other, (it) =>
        say(
          `${it.zh}；至${openedOn}没有生产登记。`,
          `${it.en}; until ${openedOn} nobody recorded that it was made.`,
        ),
      );
    case 'never-received':
      return ofOne(other, (it) =>
        say(
          `${it.zh}；至${openedOn}没有登记其来源。`,
          `${it.en}; until ${openedOn} it had not recorded how it got it.`,
        ),
      );
    case 'unregistered-product':
      return ofOne(other, (it) =>
        say(
          `${it.zh}；其商品条码没有任何一方注册。`,
          `${it.en}; the number of its product is registered with nobody.`,
        ),
      );
    case 'unregistered':
      return ofOne(other, (it) =>
        say(`${it.zh}；该编号从未签发。`, `${it.en}; its number was never issued.`),
      );
    case 'past-service-life':
      return pastDay(ground, '使用年限', 'Its service life');
    case 'past-best-before':
      return pastDay(ground, '有效期', 'The time in which it is best used');
    case 'service-overdue':
      return overdue(ground);
    case 'certificate-other-model':
      return ofOne(other, (it) =>
        certificate === null || ground.model === null
          ? null
          : say(
              `${it.zh}；当时有效的证书${certificate.number}不覆盖型号${ground.model}。`,
              `${it.en}; certificate ${certificate.number}, in force then, does not cover the model ${ground.model}.`,
            ),
      );
    case 'certificate-other-factory':
      return ofOne(other, (it) =>
        certificate === null
          ? null
          : say(
              `${it.zh}；当时有效的证书${certificate.number}不覆盖该生产地。`,
              `${it.en}; certificate ${certificate.number}, in force then, does not cover that place.`,
            ),
      );
    case 'impossible-travel':
      return travelled(ground);
    case 'moved-under-order':
      return ofOne(other, (it) =>
        order === null
          ? null
          : say(
              `${order.by.zh}于${oneOn}责令${order.what.zh}；${it.zh}。`,
              `${order.by.en} ordered a ${order.what.en.toLowerCase()} on ${oneOn}; ${it.en}.`,
            ),
      );
    case 'dated-before-order':
      return ofOne(other, (it) =>
        order === null
          ? null
          : say(
              `${it.zh}，而${otherOn}才登记，在${order.by.zh}于${oneOn}责令${order.what.zh}之后。`,
              `${it.en}; that was recorded on ${otherOn}, after ${order.by.en} had ordered a ${order.what.en.toLowerCase()} on ${oneOn}.`,
            ),
      );
    case 'superseded-standard':
      return ofOne(other, (it) =>
        ground.standard === null
          ? null
          : say(
              `按标准${ground.standard.name}只可生产至${ground.standard.until}；${it.zh}。`,
              `Goods may be made to ${ground.standard.name} until ${ground.standard.until}; ${it.en}.`,
            ),
      );
    case 'unlisted-firm':
    case 'tested-outside-scope':
      return ofOne(other, (it) =>
        say(
          `${it.zh}，而${oneOn}公布的名单未列其可为此事。`,
          `${it.en}; the list published on ${oneOn} does not have it for that then.`,
        ),
      );
    case 'certified-outside-scope':
      return ofOne(other, (it) =>
        certificate === null
          ? null
          : say(
              `${it.zh}；其证书${certificate.number}的发证机构不在公布的业务范围内。`,
              `${it.en}; its certificate ${certificate.number} is by a body outside the scope for which it is listed.`,
            ),
      );
    case 'certified-goods-fail':
      return ofOne(other, (it) =>
        certificate === null
          ? null
          : say(
              `${it.zh}；证书${certificate.number}的发证机构所认证的同类产品，监督抽查不合格率远高于其他认证机构。`,
              `${it.en}; of what the body that issued its certificate ${certificate.number} certified, far more supervision samples fail than of what its peers did.`,
            ),
      );
    case 'report-before-sample':
      return ofBoth(ground, (a, b) =>
        say(`${b.zh}，早于取得样品：${a.zh}。`, `${b.en}, before it had the sample: ${a.en}.`),
      );
    case 'failed-sample':
    case 'failed-test':
      return ofOne(other, (it) => say(`${it.zh}。`, `${it.en}.`));
    case 'repeat-failure':
      return ofBoth(ground, (a, b) => say(`${a.zh}；又：${b.zh}。`, `${a.en}; again ${b.en}.`));
    case 'passed-then-failed':
    case 'pass-rate-above-peers':
      return ofBoth(ground, (a, b) => say(`${b.zh}；而${a.zh}。`, `${b.en}; but ${a.en}.`));
    case 'refills-beyond-capacity':
      return ofOne(other, (it) =>
        ground.capacity === null
          ? null
          : say(
              `${it.zh}；当日登记已超过其公布的每日${ground.capacity}具。`,
              `${it.en}; with that it recorded more that day than the ${ground.capacity} for which it is listed.`,
            ),
      );
    case 'agent-beyond-purchases':
      return ofBoth(ground, (a, b) =>
        say(
          `${b.zh}，累计用量多于其购入；最近一次入账：${a.zh}。`,
          `${b.en}, in all more than it bought; what came to it last: ${a.en}.`,
        ),
      );
    case 'out-of-territory':
      return ofOne(other, (it) => {
        const to = other?.whither ?? null;
        if (to === null) return null;
        const { territory } = ground;
        return say(
          `${it.zh}，去往${to.zh}；${territory === null ? '不在其经销区域' : `其经销区域为${territory.zh}`}。`,
          `${it.en}, for ${to.en}; ${territory === null ? 'that is outside its territory' : `its territory is ${territory.en}`}.`,
        );
      });
    case 'made-of-too-little':
      return ofOne(other, (it) =>
        ground.making === null
          ? null
          : say(
              `${it.zh}：投入${ground.making.input.zh}，产出${ground.making.output.zh}。`,
              `${it.en}: ${ground.making.input.en} went in, ${ground.making.output.en} came out.`,
            ),
      );
    case 'scan-travel':
    case 'scan-elsewhere':
    case 'scan-far-from-sale':
    case 'scan-velocity':
    case 'scan-before-production':
    case 'scan-before-issue':
    case 'scan-never-produced':
    case 'scan-after-scrap':
    case 'forged-copies':
    case 'unregistered-codes':
    case 'reported-counterfeit':
    case 'reported-defect':
    case 'reported-harm':
    case 'reported-code':
    case 'reported-expired':
    case 'reported-unlicensed':
    case 'reported-other':
    case 'reported-under-seal':
    case 'complaint-burst':
      return null;
  }
}

const nothing: Bilingual = { zh: '', en: '' };
const batchWords = (lot: string): Bilingual => ({ zh: `批次${lot}：`, en: `Lot ${lot}: ` });

/** How much there was, beside what was parted with. */
function balanceWords(shortage: Shortage | null): Bilingual {
  if (shortage === null) return { zh: '多于按记录可有的数量', en: ': more than there can be by the record' };
  const { had, excess } = shortage;
  return had === null
    ? {
        zh: `而按记录它当时已无存量，多出${excess.zh}`,
        en: `; by the record it had none left by then, ${excess.en} too few`,
      }
    : {
        zh: `而按记录它当时仅有${had.zh}，多出${excess.zh}`,
        en: `; by the record it had ${had.en} by then, ${excess.en} too few`,
      };
}

type Told = (it: Bilingual) => Bilingual | null;

/** What is said of the one act that the finding is about. */
const ofOne = (act: Act | null, tell: Told): Bilingual | null => (act === null ? null : tell(did(act)));

/** What is said of two acts, and how many whole days lie between them; null where one is not told. */
function ofBoth(
  { one, other, alone }: Ground,
  tell: (a: Bilingual, b: Bilingual, days: number) => Bilingual | null,
): Bilingual | null {
  if (one === null || other === null || alone) return null;
  return tell(did(one), did(other), Math.floor((other.from - one.until) / dayMs));
}

function outOfForce(it: Bilingual, certificate: NonNullable<Ground['certificate']>): Bilingual {
  const { number, from, until, ceased } = certificate;
  return say(
    `${it.zh}；最近的证书${number}有效期为${from}至${until}${ceased === null ? '' : `，自${ceased}起暂停或撤销`}。`,
    `${it.en}; the nearest certificate, ${number}, was valid from ${from} to ${until}${ceased === null ? '' : `, and no longer from ${ceased} on`}.`,
  );
}

const pastDay = ({ other, lastDay }: Ground, zh: string, en: string): Bilingual | null =>
  ofOne(other, (it) =>
    lastDay === null
      ? null
      : say(`${zh}至${lastDay}为止；${it.zh}。`, `${en} ended on ${lastDay}; ${it.en}.`),
  );

function overdue({ one, other, lastDay }: Ground): Bilingual | null {
  if (one === null || other === null || lastDay === null) return null;
  const [told, late] = [did(one), did(other)];
  const days = Math.floor((other.from - endOf(lastDay)) / dayMs);
  return say(
    `${told.zh}，下次应于${lastDay}前检修；逾期${days}天后，${late.zh}。`,
    `${told.en}, and it was due for service by ${lastDay}; ${days} days after that ${late.en}.`,
  );
}

function travelled({ one, other, km }: Ground): Bilingual | null {
  if (one === null || other === null || one.where === null || other.where === null || km === null)
    return null;
  const [first, second] = one.until <= other.until ? [one, other] : [other, one];
  const [a, b] = [did(first, momentOf(first)), did(second, momentOf(second))];
  const hours = Math.max(0, second.until - first.from) / hourMs;
  const told = Number(hours.toFixed(1));
  const [far, fast] = [Math.round(km), Math.round(km / hours)];
  return hours === 0
    ? say(
        `${a.zh}；${b.zh}：相距至少${far}公里，而在同一时刻。`,
        `${a.en}; ${b.en}: at least ${far} km apart at the same moment.`,
      )
    : say(
        `${a.zh}；${b.zh}：相距至少${far}公里，至多${told}小时，须达每小时${fast}公里。`,
        `${a.en}; ${b.en}: at least ${far} km in ${told} hours at most, which takes ${fast} km/h.`,
      );
}

/** The same of what rests on scans or reports: how many, when and where. */
export function explainClues(rule: RuleName, { count, first, last, regions, expected }: Clues): Bilingual {
  const what = catalogue[rule].basis === 'scans' ? scans : reports;
  const days = [...new Set([dateOf(first), dateOf(last)])];
  const at = regions.length === 0 ? null : together(regions);
  const usual = expected === null ? null : Number(expected.toFixed(1));
  return say(
    `${days.join('至')}${at === null ? '' : `，${at.zh}`}：${what.zh}${count}${what.each}${usual === null ? '' : `，按常态预计${usual}${what.each}`}。`,
    `${count} ${what.en}${count === 1 ? '' : 's'} ${days.length === 1 ? 'on' : 'from'} ${days.join(' to ')}${at === null ? '' : ` in ${at.en}`}${usual === null ? '' : `, where ${usual} ${usual === 1 ? 'is' : 'are'} usual`}.`,
  );
}

const scans = { zh: '扫码', each: '次', en: 'scan' } as const;
const reports = { zh: '举报', each: '件', en: 'report' } as const;
