/** One exchange with a witness over HTTP. Its address comes from the settings alone; redirects are not followed. */

import type { NoteSignature } from '../core/log/note.ts';
import {
  type AddCheckpoint,
  cosignatureIn,
  formatAddCheckpoint,
  parseSizeAnswer,
  sizeMediaType,
  type Witness,
} from '../core/log/tlog-witness.ts';

export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly signature: NoteSignature }
  /** The witness cosigned so many entries last. */
  | { readonly kind: 'conflict'; readonly size: number };

/** The witness did not cosign; the message says what it said. */
export class WitnessTrouble extends Error {
  override readonly name = 'WitnessTrouble';
}

/** Longest answer that is read, bytes; and how long a witness may take, ms. */
const answerMax = 64 * 1024;
const timeoutMs = 10_000;

/** Asks for a cosignature over the checkpoint, whose text is given. Throws when there is none. */
export async function addCheckpoint(
  { key, url }: Witness,
  request: AddCheckpoint,
  text: string,
  signal: AbortSignal,
): Promise<WitnessAnswer> {
  const response = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: formatAddCheckpoint(request),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const answer = await readBounded(response);
  if (response.status === 200) {
    const signature = cosignatureIn(answer, text, key);
    if (signature === null)
      throw new WitnessTrouble('it answered with no good cosignature of the key it is configured with');
    return { kind: 'cosigned', signature };
  }
  const size = response.status === 409 && isSize(response) ? parseSizeAnswer(answer) : null;
  if (size !== null) return { kind: 'conflict', size };
  throw new WitnessTrouble(`it answered ${response.status}: ${meanings[response.status] ?? 'unexpected'}`);
}

const meanings: Readonly<Record<number, string>> = {
  400: 'it cannot read what we send',
  403: 'it does not know the key that checkpoints are signed with',
  404: 'it does not witness this log, or is not at this address',
  409: 'a conflict without the size that it has',
  422: 'what it cosigned before is not the beginning of this log',
  429: 'too many requests',
};

const isSize = ({ headers }: Response): boolean =>
  headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() === sizeMediaType;

async function readBounded({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > answerMax) throw new WitnessTrouble('its answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
