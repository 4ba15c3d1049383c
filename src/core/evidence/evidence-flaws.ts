/**
 * What can be wrong with a file of evidence, as stable codes with a sentence each. A file that has one proves nothing
 * that rests on what is wrong; whoever checks it says so and refuses the file as a whole.
 */
import type { Words } from '../codes/verdict-words.ts';

export const flawWords = {
  'not-evidence': {
    zh: '这不是证据文件。',
    en: 'This is no file of evidence.',
  },
  'unknown-version': {
    zh: '证据文件的版本未知，请用较新的程序核验。',
    en: 'The file is of a version not known here; check it with a newer program.',
  },
  'unknown-member': {
    zh: '文件中有本程序不认识的内容，无法核验，请用较新的程序。',
    en: 'The file holds something that this program does not know and cannot check; use a newer one.',
  },
  'not-canonical': {
    zh: '文件的写法不是唯一的规范写法（RFC 8785），可能被改动过。请使用原始文件。',
    en: 'The file is not in its one canonical spelling (RFC 8785) and may have been changed; use it as it was given out.',
  },
  malformed: {
    zh: '文件的内容残缺或格式错误。',
    en: 'Something in the file is missing or malformed.',
  },
  'bad-checkpoint': {
    zh: '检查点无法读取。',
    en: 'The checkpoint cannot be read.',
  },
  'unsigned-checkpoint': {
    zh: '检查点没有账本自身密钥的有效签名。',
    en: "The checkpoint bears no valid signature of the log's own key.",
  },
  'not-signed-by-key': {
    zh: '检查点没有您给出的密钥的有效签名：这不是您所知的那本账，或文件被改动过。',
    en: 'The checkpoint bears no valid signature of the key that you gave: it is not the log you know, or the file was changed.',
  },
  'no-genesis': {
    zh: '文件缺少账本的创始条目，或其来源名与检查点不符。',
    en: 'The first entry of the log is missing, or names another origin than the checkpoint.',
  },
  'entry-not-proven': {
    zh: '账目不在检查点所覆盖的账本之中，或被改动过。',
    en: 'The entry is not under the checkpoint, or was changed.',
  },
  'entries-disagree': {
    zh: '相邻账目的哈希或时间不相衔接。',
    en: 'Entries that follow each other do not fit by hash or by time.',
  },
  'fact-not-proven': {
    zh: '所示内容与账目中的摘要不符。',
    en: 'What is shown of the fact does not give the digest in its entry.',
  },
  'list-not-proven': {
    zh: '所示标识与列表的根不符。',
    en: 'The identifiers shown do not give the root of their list.',
  },
  'chain-missing': {
    zh: '文件缺少所述产品的账目链。',
    en: 'The chain of something that the file is about is missing.',
  },
  'chain-broken': {
    zh: '产品的账目链不相衔接。',
    en: 'The chain of the thing does not come out as told.',
  },
  'chain-differs': {
    zh: '账目链与账目内容不符：链中某条账目并未提及该产品，或提及该产品的账目不在链中。',
    en: 'The chain and the facts differ: an entry of the chain does not name the thing, or one that names it is left out.',
  },
  'bad-heads': {
    zh: '全链账头的证明无效，或其账目不在文件中。',
    en: 'A proof of heads does not hold, or the entry that it is a proof under is not in the file.',
  },
  'chain-incomplete': {
    zh: '账目链不完整：全链账头所载的条数或链值与文件所列不符，有账目被隐去。',
    en: 'The chain is not whole: the heads that the log told have another number of entries or another link for it.',
  },
  'bad-code': {
    zh: '身份标识码的签名无效，或签名密钥不在账本中。',
    en: 'The signature of an identity code is not valid, or its key is not in the log.',
  },
  'bad-claim': {
    zh: '登记方对登记内容的签名无效，或所签内容与账目不符。',
    en: "A recorder's signature over its claim is not valid, or what it signed is not what stands in the entry.",
  },
  'bad-finding': {
    zh: '疑点所指的账目或产品不在文件中。',
    en: 'A finding points to an entry or a thing that is not in the file.',
  },
  'bad-statement': {
    zh: '运营方对本文件的签名无效：文件在出具之后被改动过。',
    en: "The operator's signature over the file is not valid: it was changed after it was given out.",
  },
} as const satisfies Readonly<Record<string, Words>>;

export type FlawCode = keyof typeof flawWords;

/** Something wrong with a file. */
export interface Flaw {
  readonly flaw: FlawCode;
  /** Entry that it is about. */
  readonly seq?: number;
  /** Place in the file (JSON Pointer, RFC 6901). */
  readonly at?: string;
}

export const flaw = (code: FlawCode, where: Omit<Flaw, 'flaw'> = {}): Flaw => ({ flaw: code, ...where });

export const isFlaw = (value: object): value is Flaw => 'flaw' in value;
