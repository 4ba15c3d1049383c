/**
 * The answer to recorded hops: the signed receipt and where each fact stands. The same entries always give the same
 * bytes, be it the first answer or a later one to the same key; only findings, when waited for, come on top.
 */

import { base64url, formatAt } from '../../core/log/entry.ts';
import type { Fact } from '../../core/log/fact.ts';
import type { Recorded } from '../../core/log/receipt.ts';
import { countEvents } from './mentions.ts';
import type { Hop } from './schemas.ts';

/** What an answer says of a fact beside its place in the log. */
export interface Labelled {
  readonly kind: 'event' | 'party';
  readonly id: string;
}

export function labelOf(fact: Fact): Labelled {
  switch (fact.kind) {
    case 'event':
      return { kind: 'event', id: fact.eventID };
    case 'party':
      return { kind: 'party', id: fact.id };
    default:
      throw new Error(`hops do not become facts of kind ${fact.kind}`);
  }
}

/** Of each event of a request the index of its hop. */
export const hopsOfEvents = (hops: readonly Hop[]): number[] =>
  hops.flatMap((hop, i) => new Array<number>(countEvents(hop)).fill(i));

/** JSON of the answer but its last brace, so that findings can follow; `hopOf` as `hopsOfEvents` says. */
export function answerOf(
  receipt: string,
  hopOf: readonly number[],
  recorded: readonly Recorded[],
  labels: readonly Labelled[],
): string {
  let event = 0;
  const facts = recorded.map(({ seq, at, digest, leaf, salt }, i) => {
    const label = labels[i];
    if (label === undefined) throw new Error('a recorded fact has no label');
    const hop = label.kind === 'event' ? hopOf[event++] : null;
    if (hop === undefined) throw new Error('more events than hops give');
    return `{"hop":${hop},"kind":"${label.kind}","id":${JSON.stringify(label.id)},"seq":${seq},"at":"${formatAt(at)}","digest":"${base64url(digest)}","leaf":"${base64url(leaf)}","salt":"${base64url(salt)}"}`;
  });
  return `{"receipt":"${receipt}","facts":[${facts.join(',')}]`;
}
