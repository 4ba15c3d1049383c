/**
 * What a checked file of evidence says to people, in zh-CN and en: what is proven, by whom, when, and what is not. Every
 * sentence names the entries that it rests on.
 *
 *   #12  Shipped: 江南消防器材有限公司 → 浦江消防贸易有限公司, 2025-07-04T10:00:00+08:00; recorded 2025-07-04T02:00:01.000Z
 */

import type { Words } from '../codes/verdict-words.ts';
import { catalogue } from '../rules/catalogue.ts';
import { caveats } from './evidence-caveats.ts';
import type { CheckedEvidence } from './evidence-check.ts';
import { claimOf, claimWords, mastersOf, type ToldClaim } from './evidence-claims.ts';
import { codesSay } from './evidence-codes.ts';
import { names } from './evidence-fact.ts';
import { dateOf, entriesOf, namesOf, type Said, said } from './evidence-said.ts';

export type { Said } from './evidence-said.ts';

export interface Report {
  readonly about: readonly string[];
  /** Name and model of the product, when it is shown. */
  readonly product: Words | null;
  readonly claims: readonly ToldClaim[];
  readonly proven: readonly Said[];
  readonly findings: readonly Said[];
  readonly unproven: readonly Said[];
}

export function reportOf(checked: CheckedEvidence): Report {
  const { evidence, entries } = checked;
  const masters = mastersOf(checked);
  const codes = codesSay(checked, masters);
  const things = new Set(evidence.chains.map(({ epc }) => epc));
  const claims = entries.flatMap((entry) => claimOf(entry, things, masters));
  return {
    about: evidence.about,
    product: masters.product,
    claims,
    proven: [
      ...logSays(checked),
      ...codes.proven,
      ...chainsSay(checked),
      ...absencesSay(checked),
      ...claims.map((claim) => claimSays(claim, checked)),
      ...statementSays(checked),
    ],
    findings: evidence.findings.map(({ rule, epc, entries: seqs, closed }) => {
      const words = ruleWords(rule);
      const explained =
        closed === null
          ? none
          : { zh: `（第 ${closed} 条之后已有解释）`, en: ` (explained by entry ${closed})` };
      return { seqs, zh: `${epc}：${words.zh}${explained.zh}`, en: `${epc}: ${words.en}${explained.en}` };
    }),
    unproven: [...caveats(checked), ...codes.unproven],
  };
}

const none: Words = { zh: '', en: '' };
function ruleWords(rule: string): Words {
  const known = Object.entries(catalogue).find(([name]) => name === rule);
  return known?.[1] ?? { zh: rule, en: rule };
}

function claimSays(claim: ToldClaim, { claims }: CheckedEvidence): Said {
  const key = claims.get(claim.seq);
  const own =
    key === undefined
      ? none
      : {
          zh: `登记方的密钥 ${key.kid} 对此签名：没有该密钥者无法编造。`,
          en: ` The recorder's key ${key.kid} signed this: nobody without that key can have made it up.`,
        };
  const words = claimWords(claim);
  const about =
    claim.epcs.length === 0
      ? none
      : { zh: `，涉及 ${namesOf(claim.epcs).zh}`, en: `, about ${namesOf(claim.epcs).en}` };
  return said(
    key === undefined ? [claim.seq] : [claim.seq, key.seq],
    `${words.zh}${about.zh}。入账时间 ${claim.recordedAt}。${own.zh}`,
    `${words.en}${about.en}. Entered in the log ${claim.recordedAt}.${own.en}`,
  );
}

function logSays({ checkpoint, entries, signedBy, recognised, keys }: CheckedEvidence): Said[] {
  const { origin, size } = checkpoint;
  const keySeqs = [...keys.values()].filter(({ purpose }) => purpose === 'checkpoint').map(({ seq }) => seq);
  return [
    said(
      [0, ...keySeqs],
      `本文件的 ${entries.length} 条账目都在账本 ${origin} 的前 ${size} 条之中，一字未改；该检查点由 ${signedBy.join('、')} 签名。`,
      `The ${entriesOf(entries.length)} in this file are among the first ${size} of the log ${origin}, unchanged; ${signedBy.join(', ')} signed that checkpoint.`,
    ),
    ...recognised.map(({ name, at }) =>
      at === null
        ? said(
            [],
            `检查点有您给出的密钥 ${name} 的签名。`,
            `The checkpoint is signed by the key that you gave: ${name}.`,
          )
        : said(
            [],
            `见证方 ${name} 于 ${dateOf(at)} 共同签名：当时账本已是这样。`,
            `The witness ${name} cosigned at ${dateOf(at)}: the log stood like this then.`,
          ),
    ),
  ];
}

const chainsSay = ({ evidence, entries, completeness }: CheckedEvidence): Said[] => {
  const bySeq = new Map(entries.map((entry) => [entry.seq, entry]));
  return evidence.chains.map(({ epc, seqs, link }) => {
    const shown = seqs.filter((seq) => {
      const fact = bySeq.get(seq)?.fact ?? null;
      return fact !== null && names(fact, epc) === true;
    });
    const whole = wholeWords(completeness, completeness?.counts.get(epc), seqs.length);
    return said(
      completeness !== null && whole !== none ? [...seqs, completeness.seq] : seqs,
      `${epc} 的账目链：${seqs.length} 条账目依次相连，链值 ${link}；其中 ${shown.length} 条出示的内容提到它。${whole.zh}`,
      `Chain of ${epc}: ${entriesOf(seqs.length)} linked one to the next, up to ${link}; ${shown.length} of them ${shown.length === 1 ? 'shows that it names' : 'show that they name'} it.${whole.en}`,
    );
  });
};

/** That nothing was left out of a chain, as far as that is proven. */
function wholeWords(
  completeness: CheckedEvidence['completeness'],
  count: number | undefined,
  links: number,
): Words {
  if (completeness === null || count === undefined) return none;
  const { seq, size } = completeness;
  const later = links - count;
  return {
    zh: `第 ${seq} 条（全链账头）认定：账本前 ${size} 条中提及它的恰为 ${count} 条，全部列于此，无一遗漏${later === 0 ? '' : `；另外 ${later} 条在此之后`}。`,
    en: ` Of the first ${size} entries of the log exactly ${count} ${count === 1 ? 'names' : 'name'} it, by the heads that entry ${seq} tells, and ${count === 1 ? 'it is' : 'all are'} here: none was left out${later === 0 ? '' : `; ${later} came after these`}.`,
  };
}

/** Things that no entry names. */
const absencesSay = ({ evidence, completeness }: CheckedEvidence): Said[] => {
  const told = new Set(evidence.chains.map(({ epc }) => epc));
  return evidence.about.flatMap((epc) =>
    told.has(epc) || completeness === null
      ? []
      : [
          said(
            [completeness.seq],
            `账本前 ${completeness.size} 条中没有任何一条提及 ${epc}：${completeness.until} 之前，此码从未签发，也没有任何登记。`,
            `None of the first ${completeness.size} entries of the log names ${epc}: before ${completeness.until} no such code was issued, and nothing was recorded of it.`,
          ),
        ],
  );
};

const statementSays = ({ statement, keys }: CheckedEvidence): Said[] => [
  said(
    [keys.get(statement.kid)?.seq ?? 0],
    `运营方于 ${dateOf(statement.iat)} 以密钥 ${statement.kid} 对本文件整体签名。`,
    `The operator signed this file as a whole at ${dateOf(statement.iat)} with key ${statement.kid}.`,
  ),
];
