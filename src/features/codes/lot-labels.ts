/** What label sheets need to know of the codes of a lot. */

import type { PartyId } from '../../core/events/hop.ts';
import { type Gtin, type Lot, parseIdentifier } from '../../core/gs1/identifiers.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal, required } from '../../errors.ts';
import { partyById } from '../parties/queries.ts';
import { productsByGtin } from '../products/queries.ts';
import { type ListDeps, signedCodes } from './code-lists.ts';
import type { CodeRow, CodeSelection } from './issued.ts';
import { type Label, type LabelLayout, labelFits } from './labels.ts';
import { type IssuedCode, signCodes } from './sign-codes.ts';

/** What the labels of a lot share. */
export type LotWords = Pick<Label, 'host' | 'productName' | 'model' | 'gtin' | 'lot' | 'manufacturer'>;

export async function lotWords(
  sql: Sql,
  { host, gtin, lot, owner }: { host: string; gtin: Gtin; lot: Lot; owner: PartyId },
): Promise<LotWords> {
  const [products, party] = await Promise.all([productsByGtin(sql, [gtin]), partyById(sql, owner)]);
  const product = products.get(gtin)?.fact;
  return {
    host,
    productName: product?.name ?? '',
    model: product?.model ?? '',
    gtin,
    lot,
    manufacturer: party?.fact.name ?? '',
  };
}

/** The labels of a selection in order of number. */
export async function* lotLabels(
  deps: ListDeps,
  selection: CodeSelection,
  words: LotWords,
): AsyncGenerator<Label> {
  for await (const chunk of signedCodes(deps, selection)) {
    for (const code of chunk) {
      const identifier = required(parseIdentifier(code.epc));
      const serial = identifier.type === 'unit' ? identifier.serial : null;
      yield { ...words, code: printedCode(code), serial };
    }
  }
}

/** Refuses a sheet whose first label would not fit or cannot be signed, before anything of it is sent. */
export async function requireFit(deps: ListDeps, row: CodeRow, layout: LabelLayout): Promise<void> {
  const [code] = await signCodes(deps, [row]);
  if (code !== undefined) required(labelFits(printedCode(code), layout));
}

/** The text of a code that we sign. Refuses: `state-conflict`. */
export function printedCode({ kid, code, sign }: IssuedCode): string {
  if (code !== null) return code;
  throw new Refusal(
    'state-conflict',
    sign === null
      ? `Key ${kid} was reported as compromised; codes under it are printed no more.`
      : `You hold key ${kid} yourself: sign what \`sign\` of the code says with it and print the result.`,
  );
}
