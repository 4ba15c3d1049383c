/**
 * Which of several representations a client prefers (RFC 9110 §12.5.1): the quality that `Accept` gives each media
 * type by its most specific range; of equals the one that is named more exactly, then the one offered first.
 *
 *   Accept: text/html;q=0.8, application/*      offered: text/html, application/json   → application/json
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../errors.ts';

interface Range {
  readonly type: string;
  readonly quality: number;
}

/** Longer headers than browsers send are cut: what is beyond is not looked at. */
const headerLengthMax = 1000;

/** The best of the offered media types (lower case, without parameters), or null when none is acceptable. */
export function preferredType<T extends string>(accept: string | undefined, offered: readonly T[]): T | null {
  if (accept === undefined || accept.trim() === '') return offered[0] ?? null;
  const ranges = accept.slice(0, headerLengthMax).split(',').map(rangeOf);
  let best: T | null = null;
  let bestMatch: Match = { quality: 0, exactness: 0 };
  for (const type of offered) {
    const match = matchOf(type, ranges);
    if (match.quality === 0 || match.quality < bestMatch.quality) continue;
    if (match.quality === bestMatch.quality && match.exactness <= bestMatch.exactness) continue;
    best = type;
    bestMatch = match;
  }
  return best;
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.toLowerCase().split(';');
  const weight = parameters.map((parameter) => /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]);
  return { type: type.trim(), quality: Number(weight.find((text) => text !== undefined) ?? 1) };
}

/** How well a type is liked, and how exactly it is named: 3 itself, 2 its kind, 1 anything. */
interface Match {
  readonly quality: number;
  readonly exactness: number;
}

function matchOf(type: string, ranges: readonly Range[]): Match {
  const whole = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const [i, wanted] of [type, whole, '*/*'].entries()) {
    const found = ranges.find((range) => range.type === wanted);
    if (found !== undefined) return { quality: found.quality, exactness: 3 - i };
  }
  return { quality: 0, exactness: 0 };
}

/** The representation that is wanted: what the address names, else what `Accept` prefers. Refuses `not-acceptable`. */
export function wantedForm<Form extends string>(
  { headers: { accept } }: Pick<FastifyRequest, 'headers'>,
  wanted: Form | undefined,
  types: ReadonlyMap<Form, string>,
): Form {
  if (wanted !== undefined) return wanted;
  const offered = [...types.values()];
  const best = preferredType(accept, offered);
  for (const [form, type] of types) if (type === best) return form;
  throw new Refusal('not-acceptable', `Accept ${offered.join(' or ')}.`);
}

/** The same for private data of text or PDF, whose headers it sets. */
export function formOf<Form extends string>(
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: Form | undefined,
  types: ReadonlyMap<Form, string>,
): Form {
  const form = wantedForm(request, wanted, types);
  const type = types.get(form) ?? '';
  reply
    .header('cache-control', 'private, no-store')
    .header('vary', 'accept')
    .type(type === 'application/pdf' ? type : `${type}; charset=utf-8`);
  return form;
}
