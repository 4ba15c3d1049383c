/** An entry and its fact against each other, and against the entry before. */

import { commitTo, digestOfText, disclosePrivate } from '../core/log/digest.ts';
import { base64url, formatAt, leafOfWords } from '../core/log/entry.ts';
import {
  type Fact,
  factJson,
  identifiersIn,
  type Named,
  namedIdentifiers,
  namingMembers,
  parseFact,
} from '../core/log/fact.ts';
import { readCanonical, stringItems, type TextMember } from '../core/text/canonical-text.ts';
import type { EntryRow, FactRow, PrivateRow } from './audit-rows.ts';
import { Differs } from './mismatch.ts';

export interface EntryBefore {
  readonly at: number;
  readonly leaf: Buffer;
}

export interface CheckedEntry {
  readonly entry: EntryBefore;
  /** The identifiers that the fact names. */
  readonly named: readonly Named[];
}

/** The last moment that a clock of ECMAScript knows. */
const atMax = 8.64e15;

/** Throws `Differs`. `before` is null when there is no entry before, though there should be. */
export function checkEntry(
  row: EntryRow,
  stored: FactRow | null,
  before: EntryBefore | null,
  personal: PrivateRow | null,
): CheckedEntry {
  const { seq, at, leaf } = row;
  if (before === null)
    throw new Differs('entries', seq - 1, { zh: `条目 ${seq - 1} 缺失`, en: `entry ${seq - 1} is missing` });
  if (!(at >= before.at))
    throw new Differs('entries', seq, {
      zh: `条目 ${seq} 的 at 早于前一条目`,
      en: `at of entry ${seq} lies before that of the entry before`,
    });
  if (at > atMax)
    throw new Differs('entries', seq, {
      zh: `条目 ${seq} 的 at 不是时间`,
      en: `at of entry ${seq} is no time`,
    });
  const { payload = null, salt = null, kind = null } = stored ?? {};
  if (payload === null || salt === null || kind === null)
    throw new Differs('facts', seq, {
      zh: `条目 ${seq} 的内容缺失`,
      en: `the fact of entry ${seq} is missing`,
    });
  if (personal !== null) checkPrivate(personal, seq);
  const fact = readFact(payload, salt, personal?.hash ?? null, seq);
  if (fact.kind !== kind)
    throw new Differs('facts', seq, {
      zh: `内容 ${seq} 的 kind 与其 payload 不符`,
      en: `kind of fact ${seq} is not what its payload says`,
    });
  if (fact.digest !== row.digest)
    throw new Differs('facts', seq, {
      zh: `内容 ${seq} 的 payload、salt 或个人信息的哈希得不出条目 ${seq} 的 digest，或该 digest 被改动过`,
      en: `payload, salt or private hash of fact ${seq} does not give the digest of entry ${seq}, or that digest was changed`,
    });
  const derived = leafOfWords(formatAt(at), fact.digest, base64url(before.leaf), seq);
  if (leaf === null || derived !== base64url(leaf))
    throw new Differs('entries', seq, {
      zh: `条目 ${seq} 的 at、digest 或 leaf 被改动过，或条目 ${seq - 1} 的 leaf 被改动过：其字节的哈希为 ${derived}`,
      en: `at, digest or leaf of entry ${seq} was changed, or the leaf of entry ${seq - 1}: its bytes hash to ${derived}`,
    });
  return { entry: { at, leaf }, named: fact.named };
}

/** Of personal data that was erased, value and salt, only the hash is left to go by. */
function checkPrivate({ value, salt, hash }: PrivateRow, seq: number): void {
  if (value === null && salt === null) return;
  const wrong = (): Differs =>
    new Differs('privates', seq, {
      zh: `个人信息 ${seq} 的 value 或 salt 得不出其哈希`,
      en: `value or salt of private ${seq} does not give its hash`,
    });
  if (value === null || salt === null) throw wrong();
  let derived: ReturnType<typeof disclosePrivate>;
  try {
    derived = disclosePrivate({ value: JSON.parse(value), salt });
  } catch {
    throw wrong();
  }
  // What is read is the text: another one may say more than its values do.
  if (derived.value !== value || hash === null || !derived.hash.equals(hash)) throw wrong();
}

interface ReadFact {
  readonly kind: string;
  /** Base64url. */
  readonly digest: string;
  readonly named: readonly Named[];
}

/** Kind, digest and identifiers of a fact: from its text, or by way of its values where that is intricate. */
function readFact(payload: string, salt: Uint8Array, privateHash: Uint8Array | null, seq: number): ReadFact {
  const text = readCanonical(payload);
  const digest = text && digestOfText(text, salt, privateHash);
  try {
    if (text === null || digest === null) return readValues(payload, salt, privateHash, seq);
    const kind = text.members.find(({ name }) => name === 'kind')?.text.slice(1, -1) ?? '';
    return { kind, digest, named: namedIn(kind, text.members) };
  } catch (error) {
    if (error instanceof Differs) throw error;
    throw new Differs('facts', seq, {
      zh: `内容 ${seq} 无法读取：${String(error)}`,
      en: `fact ${seq} cannot be read: ${String(error)}`,
    });
  }
}

function readValues(
  payload: string,
  salt: Uint8Array,
  privateHash: Uint8Array | null,
  seq: number,
): ReadFact {
  const intricate = (): Differs =>
    new Differs('facts', seq, {
      zh: `内容 ${seq} 的 payload 不是规范 JSON`,
      en: `payload of fact ${seq} is not canonical JSON`,
    });
  let fact: Fact;
  try {
    fact = parseFact(payload);
  } catch {
    throw intricate();
  }
  const again = commitTo(factJson(fact), salt, privateHash);
  if (again.payload !== payload) throw intricate();
  return { kind: fact.kind, digest: base64url(again.digest), named: namedIdentifiers(fact) };
}

function namedIn(kind: string, members: readonly TextMember[]): Named[] {
  const naming: Record<string, unknown> = {};
  for (const { name, text } of members)
    if (namingMembers.has(name)) naming[name] = stringItems(text) ?? JSON.parse(text);
  return identifiersIn(kind, naming);
}
