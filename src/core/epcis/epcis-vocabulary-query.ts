/**
 * The parameters of a SimpleMasterDataQuery (EPCIS 2.0 §8.2.7.2).
 *
 *   vocabularyName=urn:epcglobal:epcis:vtype:BusinessLocation & HASATTR=cbvmda:site|cbvmda:sst & includeChildren=false
 *   →  places of which a site or a type of site is said, told without what lies below them
 *
 * What the standard requires is taken as true where it is left out: includeAttributes, includeChildren. Which things
 * lie below another (`WD_name`) others say: whoever asks brings that.
 */
import { ok, type Result } from '../../errors.ts';
import { type AskedAttribute, askedAttribute } from './epcis-query-attributes.ts';
import { identifiers, positiveCount, type QueryReading, wrong } from './epcis-query-tests.ts';

export interface MasterDataQuery {
  /** Kinds of things; null for all. */
  readonly vocabularies: readonly string[] | null;
  /** Canonical names of the things; null for all. */
  readonly names: readonly string[] | null;
  /** Canonical names of things that they are, or lie below; null where it does not matter. */
  readonly within: readonly string[] | null;
  /** What must all be said of them. */
  readonly attributes: readonly AskedAttribute[];
  /** Attributes that are told; null for all. */
  readonly told: AskedAttribute | null;
  readonly includeAttributes: boolean;
  readonly includeChildren: boolean;
  /** Refuse when there are more. */
  readonly most: number | null;
}

/** Reads parameters by name, each with its values. Fault: `invalid-query`. */
export function parseMasterDataQuery(
  parameters: ReadonlyMap<string, readonly string[]>,
  reading: QueryReading,
): Result<MasterDataQuery> {
  const attributes: AskedAttribute[] = [];
  const lists: { names: readonly string[] | null; within: readonly string[] | null } = {
    names: null,
    within: null,
  };
  const truths = { includeAttributes: true, includeChildren: true };
  let vocabularies: readonly string[] | null = null;
  let told: AskedAttribute | null = null;
  let most: number | null = null;
  for (const [name, values] of parameters) {
    const [first = ''] = values;
    const [, attribute] = /^EQ_?ATTR_(.+)$/.exec(name) ?? [];
    if (attribute !== undefined) attributes.push(askedAttribute([attribute], values, reading));
    else
      switch (name) {
        case 'vocabularyName':
          vocabularies = values;
          break;
        case 'EQ_name':
        case 'WD_name': {
          const read = identifiers(name, values, reading);
          if (!read.ok) return read;
          lists[name === 'EQ_name' ? 'names' : 'within'] = read.value;
          break;
        }
        case 'HASATTR':
          attributes.push(askedAttribute(values, null, reading));
          break;
        case 'attributeNames':
          told = askedAttribute(values, null, reading);
          break;
        case 'includeAttributes':
        case 'includeChildren':
          if (first !== 'true' && first !== 'false') return wrong(name, 'is true or false.');
          truths[name] = first === 'true';
          break;
        case 'maxElementCount':
          if (!positiveCount.test(first)) return wrong(name, 'give a whole number from 1 on.');
          most = Number(first);
          break;
        default:
          return wrong(name, 'is no parameter of a query of master data; /docs lists them.');
      }
  }
  return ok({ vocabularies, ...lists, attributes, told, ...truths, most });
}
