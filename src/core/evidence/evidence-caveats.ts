/**
 * What a checked file of evidence does not prove, in words. Whoever reads it is told before relying on it.
 *
 *   Not proven  [#5] Part of 1 entry is withheld, which may be personal data or may change what they mean; …
 */
import { base64url } from '../log/entry.ts';
import type { CheckedEntry, CheckedEvidence } from './evidence-check.ts';
import type { ToldKey } from './evidence-keys.ts';
import { entriesOf, namesOf, type Said, said } from './evidence-said.ts';

/** What a file does not prove, with the entries that it concerns. */
export function caveats(checked: CheckedEvidence): Said[] {
  const { evidence, entries, recognised, unknownSignatures, codes, keys, claims } = checked;
  const hidden = entries.filter(({ fact }) => fact === null).map(({ seq }) => seq);
  const partly = entries.filter(({ fact }) => fact !== null && isPartly(fact)).map(({ seq }) => seq);
  const witnessed = recognised.some(({ at }) => at !== null);
  const coded = new Set(codes.map(({ epc }) => epc));
  const named = new Set(evidence.chains.map(({ epc }) => epc));
  const without = evidence.about.filter((epc) => named.has(epc) && !coded.has(epc));
  const held = [...keys.values()].filter(
    ({ purpose, custody }) => purpose === 'issuing' && custody === 'operator',
  );
  const signers = [...new Set(claims.values())];
  return [
    said(
      [],
      '各方登记的内容是否属实，以及手中实物是否就是此码所指的产品。账本只证明谁在何时这样登记、此后未被改动。',
      'That what parties recorded is true, or that the thing in hand is the one the code was made for. The log proves who recorded what and when, and that it was not changed since.',
    ),
    ...incompleteness(checked),
    said(
      [],
      '有没有未列出的账目改变了密钥、商品条码归属或授权的状况（如密钥被报告泄露、委托被撤销）：文件只能证明所列的，不能排除其他。',
      'That no entry left out changes the standing of keys, product numbers or delegations, such as a key reported as compromised or a delegation revoked: the file proves those that it holds, and cannot rule out others.',
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
            '这是不是您所知的那本账：签名密钥只由文件自身说明。请从可信渠道取得账本公钥，核验时一并给出（命令行为 --key）。',
            'That this is the log you know: its key is told by the file alone. Get the key of the log from where you trust it, and give it with the file (--key of the command).',
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
            `${namesOf(without).zh} 的签名标识码未列入。`,
            `No signed code of ${namesOf(without).en} is in the file.`,
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
    ...(signers.length === 0
      ? []
      : [
          said(
            signers.map(({ seq }) => seq),
            `签名的密钥是否确为登记方所有：密钥由运营方录入账本，请向登记方核对公钥 ${keyNames(signers).zh}。登记方未以编号指称的主体，以账本的辨认为准。`,
            `That the keys which signed claims are the recorders' own: the operator entered them in the log, so ask the recorders for their public keys, ${keyNames(signers).en}. Whom they did not name by id is whom the ledger took them to mean.`,
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

const keyNames = (keys: readonly ToldKey[]) =>
  namesOf(keys.map(({ kid, publicKey }) => `${kid}: ${base64url(publicKey)}`));

/** What may be missing in the file. */
function incompleteness({ evidence, checkpoint, completeness }: CheckedEvidence): Said[] {
  if (completeness === null)
    return [
      said(
        [],
        '这些是不是全部记录：文件中没有全链账头（账本按间隔登记，出具时可能尚无），账目链只证明所列各条依次相连，无法排除运营方未列出的账目。',
        'That this is all there is: the file holds no entry of heads, which the log tells at intervals and may not have told yet when the file was made. A chain alone proves the order of what it lists, and cannot rule out entries that the operator left out.',
      ),
    ];
  const { seq, size, counts } = completeness;
  const after = checkpoint.size - size - 1;
  const loose = evidence.chains.filter(({ epc }) => !counts.has(epc)).map(({ epc }) => epc);
  return [
    after === 0
      ? said([seq], '检查点之后的记录。', 'What was recorded after the checkpoint.')
      : said(
          [seq],
          `前 ${size} 条之后的记录：检查点下另有 ${after} 条账目，其中与此有关而未列出的无法排除；检查点之后的更不在内。`,
          `What was recorded after the first ${size} entries of the log: ${entriesOf(after)} more stand under the checkpoint, and this file cannot rule out that some are about these things and left out. Later ones are not in it at all.`,
        ),
    said(
      [seq],
      '全链账头算得是否正确：那是运营方的公开承诺，任何人只要持有未被计入的账目回执，即可证明其虚假。',
      'That the operator counted rightly: the heads are its public commitment, and whoever holds a receipt of an entry that is not counted can show it false.',
    ),
    ...(loose.length === 0
      ? []
      : [
          said(
            [],
            `${namesOf(loose).zh} 的账目链只列到与本文件有关之处，其后可能还有，其完整性未证实。`,
            `The chains of ${namesOf(loose).en} are told as far as they concern this file and may go on; that they are whole is not proven.`,
          ),
        ]),
  ];
}

const isPartly = ({ withheld, lists }: NonNullable<CheckedEntry['fact']>): boolean =>
  withheld > 0 || [...lists.values()].some(({ count, epcs }) => epcs.length < count);
