/** Reads what people and programs send as a code: scanned or typed in any spelling, or as a compact JWS (RFC 7515). */
import { fromCompactJws, type ParsedCode, parseCode } from '../../core/codes/code.ts';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import { type Fault, fault, ok, Refusal, type Result } from '../../errors.ts';
import type { Asked } from './service.ts';

const jwsShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Faults: those of `parseCode`; `invalid-code` for a JWS that is no code. */
export function readCode(text: string): Result<ParsedCode> {
  const trimmed = text.trim();
  return jwsShape.test(trimmed) ? ofJws(trimmed) : parseCode(trimmed);
}

function ofJws(jws: string): Result<ParsedCode> {
  const code = fromCompactJws(jws);
  if (!code.ok) return code;
  const { epc, kid, signature } = code.value;
  const identifier = parseIdentifier(epc);
  if (!identifier.ok) return identifier;
  const { value } = identifier;
  if (value.type !== 'unit' && value.type !== 'lot' && value.type !== 'container') {
    return fault('invalid-code', 'Only units, lots and containers carry codes.');
  }
  return ok({ scheme: null, host: null, identifier: value, epc, signed: { kid, signature } });
}

/** All codes of a request, or a refusal that lists every one that cannot be read. */
export function readCodes(texts: readonly string[], pointer?: (i: number) => string): Asked[] {
  const faults: Fault[] = [];
  const asked = texts.flatMap((text, i): Asked[] => {
    const code = readCode(text);
    if (code.ok) return [{ text, code: code.value }];
    faults.push(fault(code.code, code.detail, pointer?.(i)));
    return [];
  });
  const [first] = faults;
  if (first !== undefined) throw new Refusal(first.code, first.detail, { faults });
  return asked;
}
