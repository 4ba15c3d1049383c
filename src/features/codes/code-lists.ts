/**
 * Lists of codes of any length, made while they are sent: a million codes need no more memory than a few thousand.
 *
 * NDJSON: one object a line, as in the JSON list. CSV: with a header (http/csv.ts).
 */
import { Readable } from 'node:stream';
import type { Epc } from '../../core/events/hop.ts';
import { elementString, parseIdentifier } from '../../core/gs1/identifiers.ts';
import { required } from '../../errors.ts';
import { csvLine } from '../../http/csv.ts';
import type { FeatureDeps } from '../feature.ts';
import { type CodeSelection, codeRows } from './issued.ts';
import { readAhead } from './read-ahead.ts';
import { type IssuedCode, signCodes } from './sign-codes.ts';

export type ListDeps = Pick<FeatureDeps, 'reads' | 'keystore' | 'host'>;

/** Codes signed at a time: enough to keep all cores busy, few enough to wait in memory. */
const chunkSize = 2000;

/** A code as the API gives it. */
export interface ListedCode {
  readonly epc: string;
  readonly elementString: string;
  readonly key: string;
  readonly code: string | null;
  readonly sign: string | null;
}

export const listedCode = ({ epc, kid, code, sign }: IssuedCode): ListedCode => ({
  epc,
  elementString: unitString(epc) ?? elementString(required(parseIdentifier(epc))),
  key: kid,
  code,
  sign,
});

/**
 * The element string of a unit whose serial needs no escapes in its path, as all of ours and nearly all others: in a
 * list of a million it takes a hundredth of the time. null for everything else.
 */
function unitString(epc: Epc): string | null {
  const [, gtin, serial] = plainUnit.exec(epc) ?? [];
  return gtin === undefined ? null : `(01)${gtin}(21)${serial}`;
}
const plainUnit = /^01\/([0-9]{14})\/21\/([0-9A-Za-z\-._~]+)$/;

/** The codes of a selection in order of number, in chunks. */
export async function* signedCodes(deps: ListDeps, selection: CodeSelection): AsyncGenerator<IssuedCode[]> {
  const rows = async function* () {
    for (let after = 0; ; ) {
      const chunk = await codeRows(deps.reads.sql, selection, after, chunkSize);
      const last = chunk.at(-1);
      if (last === undefined) return;
      after = last.unit;
      yield chunk;
    }
  };
  const signed = async function* () {
    for await (const chunk of readAhead(rows())) yield await signCodes(deps, chunk);
  };
  yield* readAhead(signed());
}

export function ndjson(deps: ListDeps, selection: CodeSelection): Readable {
  return Readable.from(
    (async function* () {
      for await (const chunk of signedCodes(deps, selection)) {
        yield chunk.map((code) => `${JSON.stringify(listedCode(code))}\n`).join('');
      }
    })(),
    { objectMode: false },
  );
}

export function csv(deps: ListDeps, selection: CodeSelection): Readable {
  return Readable.from(
    (async function* () {
      yield csvLine(['epc', 'elementString', 'key', 'code', 'sign']);
      for await (const chunk of signedCodes(deps, selection)) {
        yield chunk
          .map(listedCode)
          .map(({ epc, elementString, key, code, sign }) =>
            csvLine([epc, elementString, key, code ?? '', sign ?? '']),
          )
          .join('');
      }
    })(),
    { objectMode: false },
  );
}
