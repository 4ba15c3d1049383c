/**
 * What a verification answers.
 *
 * Two questions are kept apart: is this code what it claims (signature, key, issue), and what does its recorded
 * history say. One table decides; every combination that can occur meets exactly one row. The table and all words
 * are data, so the documentation can show them as they are.
 *
 * Example: signed with an active key, issued, scrapped last month: row "valid signature, issued, retired history",
 * verdict `retired`, reasons `recorded-scrapped`.
 */
import { type Contradiction, type Rule, rules } from '../life/contradictions.ts';
import type { Life } from '../life/lifecycle.ts';
import type { LifecycleState } from '../life/lifecycle-state.ts';
import { type BlockingType, blockingTypes } from '../orders/order.ts';
import { reasonWords, type Verdict, verdicts, verdictWords, type Words } from './verdict-words.ts';

export { reasonWords, type Verdict, verdicts, verdictWords, type Words };

/** `none`: no signature was shown; `unverifiable`: the key it names is not known here. */
export const signatures = ['valid', 'invalid', 'unverifiable', 'none'] as const;
export type SignatureState = (typeof signatures)[number];

/**
 * The key that the code names, for the product that it names: `foreign` belongs to somebody who may not issue codes
 * for it; of a compromised key, `leaked-later` says that this code's issue stands below the first distrusted entry and
 * under a checkpoint witnessed before the leak.
 */
export const keyStates = [
  'active',
  'retired',
  'leaked-later',
  'leaked',
  'foreign',
  'unknown',
  'none',
] as const;
export type KeyState = (typeof keyStates)[number];

/** Whose web address the code bears. */
export const hosts = ['ours', 'foreign', 'none'] as const;
export type HostState = (typeof hosts)[number];

export const historyStates = ['blocked', 'retired', 'conflicted', 'clean'] as const;
export type HistoryState = (typeof historyStates)[number];

export type ReasonCode = keyof typeof reasonWords | Rule;

export interface VerdictRow {
  readonly signature: readonly SignatureState[];
  readonly key: readonly KeyState[];
  readonly host: readonly HostState[];
  readonly issued: readonly boolean[];
  readonly history: readonly HistoryState[];
  readonly verdict: Verdict;
  readonly reasons: readonly (keyof typeof reasonWords)[];
}

const usable: readonly KeyState[] = ['active', 'retired', 'leaked-later'];
const named: readonly KeyState[] = ['active', 'retired', 'leaked-later', 'leaked', 'foreign'];
const either: readonly boolean[] = [true, false];
const known = { signature: ['valid'], key: usable, host: hosts, issued: [true] } as const;
const typed = { signature: ['none'], key: ['none'], host: hosts, issued: [true] } as const;

/** The decision table: a verification meets exactly one row. */
export const verdictTable: readonly VerdictRow[] = [
  {
    signature: ['invalid'],
    key: named,
    host: hosts,
    issued: either,
    history: historyStates,
    verdict: 'forged',
    reasons: ['signature-invalid'],
  },
  {
    signature: ['valid'],
    key: ['foreign'],
    host: hosts,
    issued: either,
    history: historyStates,
    verdict: 'forged',
    reasons: ['key-of-another-maker'],
  },
  {
    // Every key that ever signed for this ledger is known to it, and the code says that it is ours.
    signature: ['unverifiable'],
    key: ['unknown'],
    host: ['ours', 'none'],
    issued: either,
    history: historyStates,
    verdict: 'forged',
    reasons: ['key-unknown'],
  },
  {
    signature: ['unverifiable'],
    key: ['unknown'],
    host: ['foreign'],
    issued: either,
    history: historyStates,
    verdict: 'unknown',
    reasons: ['key-unknown'],
  },
  {
    signature: ['valid'],
    key: ['leaked'],
    host: hosts,
    issued: either,
    history: historyStates,
    verdict: 'unknown',
    reasons: ['key-leak-suspected'],
  },
  {
    signature: ['valid'],
    key: usable,
    host: hosts,
    issued: [false],
    history: historyStates,
    verdict: 'unknown',
    reasons: ['not-issued'],
  },
  {
    signature: ['none'],
    key: ['none'],
    host: hosts,
    issued: [false],
    history: historyStates,
    verdict: 'unknown',
    reasons: ['not-issued', 'typed-no-signature'],
  },
  { ...known, history: ['blocked'], verdict: 'blocked', reasons: [] },
  { ...known, history: ['retired'], verdict: 'retired', reasons: [] },
  { ...known, history: ['conflicted'], verdict: 'conflicted', reasons: [] },
  { ...known, history: ['clean'], verdict: 'consistent', reasons: [] },
  { ...typed, history: ['blocked'], verdict: 'blocked', reasons: ['typed-no-signature'] },
  { ...typed, history: ['retired'], verdict: 'retired', reasons: ['typed-no-signature'] },
  { ...typed, history: ['conflicted'], verdict: 'conflicted', reasons: ['typed-no-signature'] },
  { ...typed, history: ['clean'], verdict: 'consistent', reasons: ['typed-no-signature'] },
];

/** One situation that the table decides. */
export interface Situation {
  readonly signature: SignatureState;
  readonly key: KeyState;
  readonly host: HostState;
  readonly issued: boolean;
  readonly history: HistoryState;
}

/** Rows that a situation meets: exactly one for any that can occur. */
export const rowsFor = (s: Situation): readonly VerdictRow[] =>
  verdictTable.filter(
    (row) =>
      row.signature.includes(s.signature) &&
      row.key.includes(s.key) &&
      row.host.includes(s.host) &&
      row.issued.includes(s.issued) &&
      row.history.includes(s.history),
  );

/** The strongest thing that a history and the orders in force about the thing say. */
export function historyOf(
  life: Pick<Life, 'state' | 'contradictions'>,
  orders: readonly BlockingType[] = [],
): HistoryState {
  if (life.state.blocks.length + orders.length > 0) return 'blocked';
  switch (life.state.stage) {
    case 'consumed':
    case 'relabelled':
    case 'scrapped':
    case 'destroyed':
      return 'retired';
    default:
      return life.contradictions.some((c) => c.severity === 'conflict') ? 'conflicted' : 'clean';
  }
}

export interface VerdictFacts {
  readonly signature: SignatureState;
  readonly key: KeyState;
  readonly host: HostState;
  readonly issued: boolean;
  readonly life: Pick<Life, 'state' | 'contradictions' | 'claims'>;
  /** Of the orders in force that stop the thing. */
  readonly orders: readonly BlockingType[];
  /** ms since the epoch. */
  readonly now: number;
  /** End of the service life, ms; null when not known. */
  readonly expiresAt: number | null;
  /** Whether the operator vetted that the issuer owns the product number. */
  readonly makerVerified: boolean;
  readonly certificate: 'valid' | 'suspended' | 'withdrawn' | 'expired' | null;
  /** The issuer's name; null when it may not be shown or is not known. */
  readonly maker: Words | null;
}

export interface Reason extends Words {
  readonly code: ReasonCode;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly sentence: Words;
  /** The weightiest first: of the code, of contradictions, of the state. Distinct. */
  readonly reasons: readonly Reason[];
}

const someMaker: Words = { zh: '登记的赋码方', en: 'the registered issuer' };

/** Decides by the table and says why. Throws on a situation that cannot occur: that would be our bug. */
export function judge(facts: VerdictFacts): Judgement {
  const { signature, key, host, issued, life, orders } = facts;
  const [row, ...more] = rowsFor({ signature, key, host, issued, history: historyOf(life, orders) });
  if (row === undefined || more.length > 0) {
    throw new Error(`the verdict table has not exactly one row for ${signature}/${key}/${host}/${issued}`);
  }
  const codes = new Set<ReasonCode>(row.reasons);
  if (host === 'foreign') codes.add('foreign-host');
  // Of a code that nobody entitled issued, the history of the true one says nothing.
  if (row.verdict !== 'forged' && row.verdict !== 'unknown') {
    for (const type of blockingTypes) if (orders.includes(type)) codes.add(`order-${type}`);
    for (const code of ofCode(facts)) codes.add(code);
    for (const rule of conflicts(life.contradictions)) codes.add(rule);
    for (const code of ofState(life.state, facts.now)) codes.add(code);
    if (facts.expiresAt !== null && facts.expiresAt < facts.now) codes.add('expired');
  } else if (!issued && signature !== 'invalid' && life.claims.length > 0) {
    codes.add('observed-unregistered');
    if (row.verdict === 'unknown' && life.state.adopted) codes.add('stock-declared');
  }
  const maker = facts.maker ?? someMaker;
  const words = verdictWords[row.verdict];
  return {
    verdict: row.verdict,
    sentence: {
      zh: words.zh.replace('{maker}', () => maker.zh),
      en: words.en.replace('{maker}', () => maker.en),
    },
    reasons: [...codes].map((code) => ({ code, ...wordsOf(code) })),
  };
}

const isRule = (code: ReasonCode): code is Rule => code in rules;

/** What a reason says. */
export function wordsOf(code: ReasonCode): Words {
  const { zh, en } = isRule(code) ? rules[code] : reasonWords[code];
  return { zh, en };
}

function ofCode(facts: VerdictFacts): ReasonCode[] {
  const codes: ReasonCode[] = [];
  if (facts.key === 'retired') codes.push('key-retired');
  if (facts.key === 'leaked-later') codes.push('issued-before-key-leak');
  if (!facts.makerVerified) codes.push('maker-unverified');
  if (facts.certificate !== null && facts.certificate !== 'valid')
    codes.push(`certificate-${facts.certificate}`);
  return codes;
}

const conflicts = (found: readonly Contradiction[]): Rule[] =>
  found.filter((c) => c.severity === 'conflict').map((c) => c.rule);

function ofState(state: LifecycleState, now: number): ReasonCode[] {
  const codes: ReasonCode[] = [];
  if (state.blocks.some((b) => b.kind === 'seize')) codes.push('seized');
  if (state.blocks.some((b) => b.kind === 'hold')) codes.push('on-hold');
  const stage = ofStage(state);
  if (stage !== null) codes.push(stage);
  if (state.adopted) codes.push('stock-declared');
  if (state.nonconformant) codes.push('recorded-nonconformant');
  if (state.ended === null && state.nextDue !== null && state.nextDue.at < now) codes.push('overdue');
  return codes;
}

function ofStage(state: LifecycleState): ReasonCode | null {
  switch (state.stage) {
    case 'issued':
    case 'unknown':
      return 'issued-not-produced';
    case 'produced':
    case 'released':
      return 'not-shipped-yet';
    case 'held':
      return null;
    case 'in-transit':
      return 'recorded-in-transit';
    case 'sold':
      return 'recorded-sold';
    case 'installed':
      return 'recorded-installed';
    case 'consumed':
      return 'recorded-consumed';
    case 'relabelled':
      return 'recorded-relabelled';
    case 'scrapped':
      return 'recorded-scrapped';
    case 'destroyed':
      return 'recorded-destroyed';
  }
}
