/**
 * Checks requests against their schemas (JSON Schema by Ajv) and says in sentences what does not fit.
 *
 * - Bodies are taken as sent: nothing is coerced or dropped. Query, path and headers are text and are coerced.
 * - Schemas, those of answers too, are compiled when they are first needed, or by `app.compileSchemas()`: all of
 *   them take seconds.
 * - Valid requests pay for one pass that stops at the first fault. Only a refused one is checked again for all
 *   its faults, unless it is so large or so far over a limit that a list of faults could exhaust memory.
 * - A schema may name the code of a failing keyword: `{maxItems: 10000, 'x-error': {maxItems: 'too-many-hops'}}`.
 * - Where one of several objects is allowed (`anyOf`), faults are those of the one whose literal members match.
 */
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import { type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import { pointerToken } from '../core/text/strict-json.ts';
import { type ErrorCode, errorCodes, type Fault, Refusal } from '../errors.ts';

const faultsMax = 10_000;
const nodesMax = 250_000;
/** Beyond these limits the rest of the value is not looked at. */
const sizeKeywords: ReadonlySet<string> = new Set(['maxItems', 'maxProperties', 'maxLength']);

/** Refusals that tell all that is wrong with a body: what they do not name has the form that it should have. */
const complete = new WeakSet<Error>();
export const tellsAll = (error: Error): error is Refusal => complete.has(error);

type Part = 'body' | 'querystring' | 'params' | 'headers';

export function checkRequests(app: FastifyInstance): void {
  const body = { first: checker(false, false), all: checker(false, true) };
  const text = { first: checker(true, false), all: checker(true, true) };
  const compilations: (() => void)[] = [];
  app.decorate('compileSchemas', async () => {
    for (const compile of compilations) {
      // Requests go first.
      await new Promise((resolve) => setImmediate(resolve));
      compile();
    }
  });
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const part = partOf(httpPart);
    const { first, all } = part === 'body' ? body : text;
    let compiled: ValidateFunction | undefined;
    const compile = (): ValidateFunction => {
      compiled ??= first.compile(schema);
      return compiled;
    };
    compilations.push(compile);
    let faultsOf: ValidateFunction | undefined;
    return (value: unknown) => {
      const valid = compile();
      if (valid(value)) return { value };
      const [worst] = valid.errors ?? [];
      const whole = worst !== undefined && !sizeKeywords.has(worst.keyword) && countNodes(value) <= nodesMax;
      if (!whole) return { error: refusalOf(valid.errors ?? [], part) };
      // Compiled when first needed: large schemas would make the start slow.
      faultsOf ??= all.compile(schema);
      faultsOf(value);
      const refusal = refusalOf(faultsOf.errors ?? [], part);
      if (part === 'body' && refusal.faults.length < faultsMax) complete.add(refusal);
      return { error: refusal };
    };
  });
  app.setSerializerCompiler((route) => {
    let compiled: ((answer: unknown) => string) | undefined;
    const compile = () => {
      compiled ??= SerializerSelector()(app.getSchemas())({ ...route, httpStatus: route.httpStatus ?? '' });
      return compiled;
    };
    compilations.push(compile);
    return (answer) => compile()(answer);
  });
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Compiles what no request has needed yet, between requests. */
    compileSchemas(): Promise<void>;
  }
}

function checker(coerceTypes: boolean, allErrors: boolean): Ajv {
  const ajv = new Ajv({
    coerceTypes: coerceTypes ? 'array' : false,
    // 1e309 becomes an infinite integer, of which Ajv would check no bounds. In bodies there is none.
    strictNumbers: !coerceTypes,
    useDefaults: true,
    removeAdditional: false,
    allErrors,
    // Of large schemas optimising takes more than half of the time and much memory, and its code is no faster.
    code: { optimize: false },
    // Faults must show the schema that names their code.
    verbose: true,
    discriminator: true,
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    addUsedSchema: false,
    keywords: ['x-error', 'example'],
  });
  formats.default(ajv);
  return ajv;
}

function partOf(httpPart: string | undefined): Part {
  return httpPart === 'querystring' || httpPart === 'params' || httpPart === 'headers' ? httpPart : 'body';
}

function countNodes(value: unknown): number {
  let count = 0;
  const rest: unknown[] = [value];
  while (rest.length > 0 && count <= nodesMax) {
    count++;
    const next = rest.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const member of Object.values(next)) {
      if (typeof member === 'object') rest.push(member);
      else count++;
    }
  }
  return count;
}

function refusalOf(errors: readonly ErrorObject[], part: Part): Refusal {
  const faults = relevant(errors)
    .slice(0, faultsMax)
    .map((error) => faultOf(error, part));
  const [first] = faults;
  if (first === undefined) return new Refusal('invalid-request', 'The request does not fit its schema.');
  const codes = new Set(faults.map(({ code }) => code));
  const code = codes.size === 1 ? first.code : 'invalid-request';
  const detail =
    faults.length === 1 ? first.detail : `${faults.length} things do not fit; \`errors\` lists them.`;
  return new Refusal(code, detail, { faults });
}

/** Drops the faults of alternatives that were not meant. */
function relevant(errors: readonly ErrorObject[]): ErrorObject[] {
  let kept = [...errors];
  for (const choice of errors) {
    if (choice.keyword !== 'anyOf' && choice.keyword !== 'oneOf') continue;
    const prefix = `${choice.schemaPath}/`;
    const inside = kept.filter(
      (error) => error.schemaPath.startsWith(prefix) && error.instancePath.startsWith(choice.instancePath),
    );
    if (inside.length === 0) continue;
    const branchOf = (error: ErrorObject): string =>
      error.schemaPath.slice(prefix.length).split('/', 1)[0] ?? '';
    // A branch was not meant when a literal right below the choice, or the choice's own type, differs.
    const depth = choice.instancePath.split('/').length + 1;
    const unmeant = new Set(
      inside
        .filter((error) =>
          error.instancePath === choice.instancePath
            ? error.keyword === 'type' || error.keyword === 'const'
            : error.keyword === 'const' && error.instancePath.split('/').length === depth,
        )
        .map(branchOf),
    );
    const meant = new Set(inside.map(branchOf).filter((branch) => !unmeant.has(branch)));
    const [only] = meant;
    const drop = new Set(
      meant.size === 1 ? [...inside.filter((error) => branchOf(error) !== only), choice] : inside,
    );
    kept = kept.filter((error) => !drop.has(error));
  }
  return kept;
}

function faultOf(error: ErrorObject, part: Part): Fault {
  const named = namedCode(error);
  const { code, member, detail } = saying(error);
  const pointer = member === undefined ? error.instancePath : `${error.instancePath}/${pointerToken(member)}`;
  if (part === 'body') return { code: named ?? code, detail, pointer };
  const where = { querystring: 'Query parameter', params: 'Part of the address', headers: 'Header' }[part];
  return { code: named ?? code, detail: `${where} ${pointer.slice(1) || '(all)'}: ${detail}` };
}

const xError = Type.Record(Type.String(), Type.Union(errorCodes.map((code) => Type.Literal(code))));

function namedCode({ parentSchema, keyword }: ErrorObject): ErrorCode | undefined {
  const codes: unknown = parentSchema?.['x-error'];
  return Value.Check(xError, codes) ? codes[keyword] : undefined;
}

/** What a keyword's failure means, and which member (of the object the fault stands at) it is about. */
function saying(error: ErrorObject): { code: ErrorCode; member?: string; detail: string } {
  const value = (name: string): string => {
    const found: unknown = Reflect.get(error.params, name);
    return typeof found === 'string' ? found : JSON.stringify(found);
  };
  const invalid = (detail: string, member?: string) =>
    member === undefined
      ? { code: 'invalid-request' as const, detail }
      : { code: 'invalid-request' as const, detail, member };
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const member = value(
        error.keyword === 'additionalProperties' ? 'additionalProperty' : 'unevaluatedProperty',
      );
      return { code: 'unknown-member', member, detail: 'This member is not known here; remove it.' };
    }
    case 'required':
      return invalid('This member is required; add it.', value('missingProperty'));
    case 'type':
      return invalid(`Must be ${value('type')}.`);
    case 'const':
      return invalid(`Must be ${value('allowedValue')}.`);
    case 'enum':
      return invalid(`Must be one of ${list(Reflect.get(error.params, 'allowedValues'))}.`);
    case 'anyOf':
    case 'oneOf':
      return invalid(choices(error));
    case 'discriminator':
      return invalid(`Must be one of the kinds that /docs lists.`, value('tag'));
    case 'pattern':
      return invalid(`Must match ${value('pattern')}.`);
    case 'format':
      return invalid(`Must be a ${value('format')}.`);
    case 'maxItems':
      return invalid(`At most ${value('limit')} items.`);
    case 'minItems':
      return invalid(`At least ${value('limit')} items.`);
    case 'maxLength':
      return invalid(`At most ${value('limit')} characters.`);
    case 'minLength':
      return invalid(`At least ${value('limit')} characters.`);
    case 'uniqueItems':
      return invalid(`Items ${value('j')} and ${value('i')} are the same; send each once.`);
    default:
      return invalid(`${(error.message ?? 'does not fit').replace(/^must/, 'Must')}.`);
  }
}

const list = (values: unknown): string =>
  Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(', ') : '';

function choices({ schema }: ErrorObject): string {
  const constants: unknown[] = Array.isArray(schema)
    ? schema.flatMap((branch: unknown) =>
        typeof branch === 'object' && branch !== null && 'const' in branch ? [branch.const] : [],
      )
    : [];
  return constants.length > 0
    ? `Must be one of ${list(constants)}.`
    : 'Must have one of the forms that /docs lists.';
}
