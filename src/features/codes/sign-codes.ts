/**
 * Codes are signed when somebody asks for them, and never stored: Ed25519 is deterministic (RFC 8032 §5.1.6), so a
 * code comes out the same every time.
 */
import { formatCode, signingText } from '../../core/codes/code.ts';
import type { Epc } from '../../core/events/hop.ts';
import type { FeatureDeps } from '../feature.ts';
import { keysByKid } from '../keys/queries.ts';

export interface IssuedCode {
  readonly epc: Epc;
  readonly kid: string;
  /** The text to print; null when it is the maker who signs, and for a key that was compromised. */
  readonly code: string | null;
  /** What the maker signs with its own key: the ASCII text of a JWS signing input. null when we sign. */
  readonly sign: string | null;
}

/**
 * The codes of identifiers, each under the key it was issued with, in order. What was compromised is printed no more.
 */
export async function signCodes(
  { reads, keystore, host }: Pick<FeatureDeps, 'reads' | 'keystore' | 'host'>,
  rows: readonly { readonly epc: Epc; readonly kid: string }[],
): Promise<IssuedCode[]> {
  const keys = await keysByKid(
    reads.sql,
    rows.map(({ kid }) => kid),
  );
  const signatures = new Map<(typeof rows)[number], Buffer | undefined>();
  for (const [kid, key] of keys) {
    if (key.custody !== 'operator' || key.status === 'compromised') continue;
    const own = rows.filter((row) => row.kid === kid);
    const made = await keystore.signMany(
      kid,
      own.map(({ epc }) => signingText(kid, epc)),
    );
    for (const [i, row] of own.entries()) signatures.set(row, made[i]);
  }
  return rows.map((row) => {
    const { epc, kid } = row;
    const signature = signatures.get(row);
    if (signature !== undefined) {
      return { epc, kid, code: formatCode({ host, epc, kid, signature }), sign: null };
    }
    const key = keys.get(kid);
    const held = key?.custody === 'party' && key.status !== 'compromised';
    return {
      epc,
      kid,
      code: null,
      sign: held ? signingText(kid, epc) : null,
    };
  });
}
