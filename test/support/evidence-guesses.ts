/** What somebody would try who holds a file of evidence and wants what is withheld: serials follow each other. */

import { eventHash } from '../../src/core/events/event-hash.ts';
import type { CheckedEvidence } from '../../src/core/evidence/evidence-check.ts';
import { headKey } from '../../src/core/log/heads.ts';
import { leafHash, sha256 } from '../../src/core/log/merkle.ts';
import { firstLink } from '../../src/core/log/unit-chain.ts';
import type { JsonObject } from '../../src/core/text/canonical.ts';
import { unit } from './supply-chain.ts';

/** Everything that can be read in a file, encoded or not. */
export function decoded(text: string): string {
  const parts = [...text.matchAll(/[\w-]{20,}/g)].map(([it]) =>
    Buffer.from(it, 'base64url').toString('utf8'),
  );
  return [text, ...parts].join('\n');
}

/** Every hash in a file, also those inside disclosures, as base64url. */
export function hashesIn(text: string): Set<string> {
  const found = new Set<string>();
  for (const [it] of decoded(text).matchAll(/(?<![\w-])[\w-]{43}(?![\w-])/g)) found.add(it);
  for (const [it] of decoded(text).matchAll(/(?<![\da-f])[\da-f]{64}(?![\da-f])/g))
    found.add(Buffer.from(it, 'hex').toString('base64url'));
  return found;
}

/** Hashes of guesses: of identifiers in every form, and of the events whole with every run of serials. */
export function guessesAt({ entries }: CheckedEvidence, shown: ReadonlySet<string>): Set<string> {
  const events = entries.flatMap(({ fact }) => (fact?.members.kind === 'event' ? [fact] : []));
  const serials = Array.from({ length: 40 }, (_, i) => unit(`A${String(i).padStart(3, '0')}`));
  const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const guesses = new Set<string>();
  for (const it of serials) {
    for (const form of [it, JSON.stringify(it), JSON.stringify([it])])
      for (const text of [form, Buffer.from(form).toString('base64url')]) {
        guesses.add(b64(sha256(text)));
        guesses.add(b64(leafHash(text)));
      }
    if (!shown.has(it)) for (const hash of [firstLink(it), headKey(it)]) guesses.add(b64(hash));
  }
  // The event whole but for its list, which is a run of serials: its hash must not be there to compare with.
  for (const { members } of events)
    for (let from = 0; from < serials.length; from++)
      for (let until = from + 1; until <= Math.min(serials.length, from + 8); until++)
        for (const name of ['epcList', 'childEPCs']) {
          const list = serials.slice(from, until);
          if (list.every((it) => shown.has(it))) continue;
          const guess: JsonObject = { ...members, [name]: list };
          guesses.add(
            Buffer.from(eventHash(guess, 'id.example.cn').slice(14, 78), 'hex').toString('base64url'),
          );
        }
  return guesses;
}

/** Those of the guesses that stand in a file. */
export function found(guesses: ReadonlySet<string>, text: string): string[] {
  const hashes = hashesIn(text);
  return [...guesses].filter((it) => hashes.has(it));
}
