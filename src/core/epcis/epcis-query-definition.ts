/**
 * A query that is kept under a name: the parameters of a SimpleEventQuery as one JSON object (EPCIS 2.0 §12.8, the
 * query language of the REST binding), with what their prefixes stand for beside them.
 *
 *   {"@context":{"acme":"https://ns.acme.example/epcis/"},
 *    "eventType":["ObjectEvent"],"EQ_bizStep":["shipping","receiving"],"GE_acme:line":7,"EXISTS_errorDeclaration":null}
 *   →  eventType=ObjectEvent & EQ_bizStep=shipping|receiving & GE_acme:line=7 & EXISTS_errorDeclaration=true
 */
import { ok, type Result } from '../../errors.ts';
import { isObject } from '../events/event-members.ts';
import type { Json } from '../text/canonical.ts';
import { baseContext, type Context, withDeclared } from './epcis-context.ts';
import { type EventQuery, parseEventQuery } from './epcis-query.ts';
import { wrong } from './epcis-query-tests.ts';

export interface QueryDefinition {
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  readonly context: Context;
  readonly query: EventQuery;
}

/** Values of one parameter together, and parameters of one query. */
const valuesMax = 10_000;
const parametersMax = 200;

/** Reads a definition, with all its parameters. Faults: `invalid-query`, `query-too-complex`. */
export function parseQueryDefinition(value: Json, host: string): Result<QueryDefinition> {
  if (!isObject(value)) return wrong('query', 'give an object of parameters.');
  const { '@context': declared, ...rest } = value;
  const context = withDeclared(baseContext(host), declared);
  if (Object.keys(rest).length > parametersMax)
    return wrong('query', `has at most ${parametersMax} parameters.`);
  const parameters = new Map<string, readonly string[]>();
  for (const [name, said] of Object.entries(rest)) {
    const values = valuesOf(said);
    if (values === null || values.length === 0 || values.length > valuesMax)
      return wrong(name, `give a text, a number, true or false, or a list of at most ${valuesMax} of them.`);
    parameters.set(name, values);
  }
  for (const name of ['perPage', 'nextPageToken'])
    if (parameters.has(name)) return wrong(name, 'goes with the address of the events, not with the query.');
  const query = parseEventQuery(parameters, { host, context });
  return query.ok ? ok({ parameters, context, query: query.value }) : query;
}

/** `null` is how the standard writes a parameter that needs no value: EXISTS_. */
function valuesOf(said: Json): string[] | null {
  const items = Array.isArray(said) ? said : [said === null ? true : said];
  const values = items.flatMap((it) => (isScalar(it) ? [String(it)] : []));
  return values.length === items.length ? values : null;
}

const isScalar = (value: Json): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
