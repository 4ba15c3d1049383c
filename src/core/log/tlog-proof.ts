/**
 * A proof that stands by itself, as text (C2SP tlog-proof v1): index, audit path and signed checkpoint.
 *
 *   c2sp.org/tlog-proof@v1
 *   index 17
 *   <base64 of each hash of the audit path, from the leaf upwards>
 *   <empty line>
 *   <the checkpoint, verbatim>
 */
import { fault, ok, type Result } from '../../errors.ts';
import type { Hash } from './merkle.ts';
import { fromBase64 } from './note.ts';

export interface LogProof {
  readonly index: number;
  readonly hashes: readonly Hash[];
  /** A signed note. */
  readonly checkpoint: string;
}

const header = 'c2sp.org/tlog-proof@v1';
/** No tree that can be counted is deeper. */
const hashesMax = 63;

export const formatLogProof = ({ index, hashes, checkpoint }: LogProof): string =>
  [
    header,
    `index ${index}`,
    ...hashes.map((hash) => Buffer.from(hash).toString('base64')),
    '',
    checkpoint,
  ].join('\n');

/** Reads a proof; extra data is left aside, and nothing is verified yet. Fault: `invalid-note`. */
export function parseLogProof(text: string): Result<LogProof> {
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, Math.max(end, 0)).split('\n');
  if (lines.shift() !== header) return notAProof();
  if (lines[0]?.startsWith('extra ')) {
    if (fromBase64(lines.shift()?.slice(6) ?? '') === null) return notAProof();
  }
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index)) || lines.length > hashesMax)
    return notAProof();
  const hashes: Hash[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== 32) return notAProof();
    hashes.push(hash);
  }
  return ok({ index: Number(index), hashes, checkpoint: text.slice(end + 2) });
}

const notAProof = () => fault('invalid-note', 'Send a proof in the format c2sp.org/tlog-proof@v1.');
