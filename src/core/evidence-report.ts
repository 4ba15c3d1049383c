/**
 * What a checked file of evidence says to people, in zh-CN and en: what is proven, by whom, when, and what is not. Every
 * sentence names the entries that it rests on.
 *
 *   #12  Shipped: 江南消防器材有限公司 → 浦江消防贸易有限公司, 2025-07-04T10:00:00+08:00; recorded 2025-07-04T02:00:01.000Z
 */
import { rules } from './contradictions.ts';
import type { CheckedEntry, CheckedEvidence } from './evidence-check.ts';
import { claimOf, claimWords, type Masters, mastersOf, type ToldClaim } from './evidence-claims.ts';
import { names } from './evidence-fact.ts';
import type { Words } from './verdict-words.ts';

/** A sentence and the entries it rests on. */
export interface Said extends Words {
  readonly seqs: readonly number[];
}

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
  const claims = entries.flatMap((entry) =>
    claimOf(
      entry,
      evidence.chains.map(({ epc }) => epc),
      masters,
    ),
  );
  return {
    about: evidence.about,
    product: masters.product,
    claims,
    proven: [
      ...logSays(checked),
      ...codesSay(checked, masters),
      ...chainsSay(checked),
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
    unproven: caveats(checked),
  };
}

const none: Words = { zh: '', en: '' };
const said = (seqs: readonly number[], zh: string, en: string): Said => ({ seqs, zh, en });

const entriesOf = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`);

function ruleWords(rule: string): Words {
  const known = Object.entries(rules).find(([name]) => name === rule);
  return known?.[1] ?? { zh: rule, en: rule };
}

function claimSays(claim: ToldClaim, { claims }: CheckedEvidence): Said {
  const key = claims.get(claim.seq);
  const own =
    key === undefined
      ? none
      : {
          zh: `登记方以自己的密钥 ${key.kid} 签名，运营方无法代为编造。`,
          en: ` The recorder signed it with its own key ${key.kid}: the operator cannot have made it up.`,
        };
  const words = claimWords(claim);
  const about =
    claim.epcs.length === 0
      ? none
      : { zh: `，涉及 ${claim.epcs.join('、')}`, en: `, about ${claim.epcs.join(', ')}` };
  return said(
    key === undefined ? [claim.seq] : [claim.seq, key.seq],
    `${words.zh}${about.zh}。入账时间 ${claim.recordedAt}。${own.zh}`,
    `${words.en}${about.en}. Entered in the log ${claim.recordedAt}.${own.en}`,
  );
}

/** The last second that a Date holds (ECMAScript §21.4.1.1). */
const secondsMax = 8_640_000_000_000;
const dateOf = (seconds: number): string =>
  seconds <= secondsMax ? new Date(seconds * 1000).toISOString() : String(seconds);

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

function codesSay({ codes, entries }: CheckedEvidence, { owners, nameOf }: Masters): Said[] {
  return codes.flatMap(({ epc, key }) => {
    const name = nameOf.get(key.party) ?? key.party;
    const issue = entries.find(({ fact }) => fact?.members.kind === 'issue' && names(fact, epc) === true);
    const seqs = [...(issue === undefined ? [] : [issue.seq]), key.seq];
    const owner = epc.startsWith('01/') ? owners.get(epc.slice(3, 17)) : undefined;
    const isBefore = issue !== undefined && key.distrustedFrom !== null && issue.seq < key.distrustedFrom;
    const distrusted = key.status === 'compromised' && !isBefore;
    return [
      said(
        seqs,
        `${epc} 的身份标识码由 ${name} 的密钥 ${key.kid} 签名${distrusted ? '，但该密钥已泄露，签名不足为凭' : ''}。`,
        `The code of ${epc} is signed by key ${key.kid} of ${name}${distrusted ? '; but that key was compromised, so the signature counts for nothing' : ''}.`,
      ),
      ...(owner?.party === key.party
        ? [
            said(
              [owner.seq],
              `运营方已核实 ${name} 有权使用商品条码 ${epc.slice(3, 17)}。`,
              `The operator vetted that GTIN ${epc.slice(3, 17)} belongs to ${name}.`,
            ),
          ]
        : []),
    ];
  });
}

const chainsSay = ({ evidence, entries }: CheckedEvidence): Said[] =>
  evidence.chains.map(({ epc, seqs, link }) => {
    const shown = entries.filter(
      ({ seq, fact }) => seqs.includes(seq) && fact !== null && names(fact, epc) === true,
    );
    return said(
      seqs,
      `${epc} 的账目链：${seqs.length} 条账目依次相连，链值 ${link}；其中 ${shown.length} 条出示了对它的提及。`,
      `Chain of ${epc}: ${entriesOf(seqs.length)} linked one to the next, up to ${link}; ${shown.length} of them show that they name it.`,
    );
  });

const statementSays = ({ statement, keys }: CheckedEvidence): Said[] => [
  said(
    [keys.get(statement.kid)?.seq ?? 0],
    `运营方于 ${dateOf(statement.iat)} 以密钥 ${statement.kid} 对本文件整体签名。`,
    `The operator signed this file as a whole at ${dateOf(statement.iat)} with key ${statement.kid}.`,
  ),
];

function caveats({ evidence, entries, recognised, unknownSignatures, codes, keys }: CheckedEvidence): Said[] {
  const hidden = entries.filter(({ fact }) => fact === null).map(({ seq }) => seq);
  const partly = entries.filter(({ fact }) => fact !== null && isPartly(fact)).map(({ seq }) => seq);
  const witnessed = recognised.some(({ at }) => at !== null);
  const without = evidence.about.filter((epc) => !codes.some((code) => code.epc === epc));
  const held = [...keys.values()].filter(
    ({ purpose, custody }) => purpose === 'issuing' && custody === 'operator',
  );
  return [
    said(
      [],
      '各方登记的内容是否属实，以及手中实物是否就是此码所指的产品。账本只证明谁在何时这样登记、此后未被改动。',
      'That what parties recorded is true, or that the thing in hand is the one the code was made for. The log proves who recorded what and when, and that it was not changed since.',
    ),
    said(
      [],
      '这些就是该产品的全部记录：账目链只证明所列各条依次相连，之后的账目或运营方未列出的账目无法由本文件排除。',
      'That this is all there is: a chain proves the order of what it lists, and this file cannot rule out later entries, or entries that the operator left out.',
    ),
    said(
      [],
      '各主体的名称与身份，以账本中登记的为准。',
      'Who the parties are: their names are those registered in the log.',
    ),
    ...(recognised.length === 0
      ? [
          said(
            [],
            '这就是您所知的那本账：签名密钥只由文件自身说明。请从可信渠道取得账本公钥，以 --key 核对。',
            'That this is the log you know: its key is told by the file alone. Get the key of the log from where you trust it, and give it as --key.',
          ),
        ]
      : []),
    ...(witnessed
      ? []
      : [
          said(
            [],
            `没有您认识的见证方共同签名${unknownSignatures > 0 ? `（另有 ${unknownSignatures} 个签名无法辨认）` : ''}：不能排除运营方向他人出示另一本账。`,
            `No witness that you know cosigned${unknownSignatures > 0 ? ` (${unknownSignatures} signatures are of keys not known here)` : ''}: the operator might show another log to others.`,
          ),
        ]),
    ...(without.length === 0
      ? []
      : [
          said(
            [],
            `${without.join('、')} 的签名标识码未列入。`,
            `No signed code of ${without.join(', ')} is in the file.`,
          ),
        ]),
    ...(held.length === 0
      ? []
      : [
          said(
            held.map(({ seq }) => seq),
            '签发标识码的密钥由运营方代为保管，码的签名不能单独证明出自企业之手。',
            'The operator holds the key that signed the codes, so their signature alone does not prove the hand of the maker.',
          ),
        ]),
    ...(hidden.length === 0
      ? []
      : [
          said(
            hidden,
            `${hidden.length} 条账目的内容全部未出示。`,
            `The content of ${entriesOf(hidden.length)} is withheld whole.`,
          ),
        ]),
    ...(partly.length === 0
      ? []
      : [
          said(
            partly,
            `${partly.length} 条账目有部分内容未出示（可能是个人信息，也可能改变其含义）；已出示的部分已经证实。`,
            `Part of ${entriesOf(partly.length)} is withheld, which may be personal data or may change what they mean; what is shown is proven.`,
          ),
        ]),
    ...(evidence.findings.length === 0
      ? []
      : [
          said(
            [],
            '疑点是运营方按公开规则得出的结论，由其签名负责；所依据的账目见各条编号。',
            'Findings are conclusions that the operator draws by published rules and signs for; the numbers name the entries they rest on.',
          ),
        ]),
  ];
}

const isPartly = ({ withheld, lists }: NonNullable<CheckedEntry['fact']>): boolean =>
  withheld > 0 || [...lists.values()].some(({ count, epcs }) => epcs.length < count);
