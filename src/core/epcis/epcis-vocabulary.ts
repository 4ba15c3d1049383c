/**
 * Master data in the header of an EPCIS document (EPCIS 2.0 §7.1.2, §10.2): what a sender says of the places, classes
 * and parties that its events name. It is kept as that sender's claim, and no register follows from it.
 *
 *   "epcisHeader":{"epcisMasterData":{"vocabularyList":[{"type":"urn:epcglobal:epcis:vtype:BusinessLocation",
 *    "vocabularyElementList":[{"id":"urn:epc:id:sgln:69012345.6789.0",
 *      "attributes":[{"id":"urn:epcglobal:cbv:mda:site","attribute":"6901234567892"}],"children":["urn:x:dock"]}]}]}}
 *   →  vocabulary urn:epcglobal:epcis:vtype:BusinessLocation, name 414/6901234567892, with its attributes and children
 */
import type { Fault } from '../../errors.ts';
import { isObject } from '../events/event-members.ts';
import type { Json, JsonObject } from '../text/canonical.ts';
import type { EpcisReading } from './epcis-reading.ts';
import { anything, list, newReading, note, object, type Reading, uri } from './epcis-values.ts';

export type VocabularyAttribute = {
  readonly id: string;
  readonly attribute?: Json;
};

/** What a sender says of one thing. */
export interface VocabularyClaim {
  /** Kind of thing: a URI such as urn:epcglobal:epcis:vtype:ReadPoint. */
  readonly vocabulary: string;
  /** The thing: a canonical identifier, or another URI. */
  readonly name: string;
  readonly attributes: readonly VocabularyAttribute[];
  /** Things of the kind that belong to it. */
  readonly children: readonly string[];
  /** What prefixes in the attributes stand for; null when there are none. */
  readonly context: Readonly<Record<string, string>> | null;
}

export interface ReadVocabularies {
  /** Empty when anything is wrong with any. */
  readonly claims: readonly VocabularyClaim[];
  /** With pointers into the document. */
  readonly faults: readonly Fault[];
}

const element = object({
  members: {
    id: uri,
    attributes: list(object({ members: { id: uri, attribute: anything }, required: ['id'] })),
    children: list(uri),
  },
  required: ['id'],
});

/**
 * The master data of a document. Faults: `invalid-request`, `unknown-member`, `invalid-identifier`,
 * `invalid-check-digit`.
 */
export function readVocabularies(document: JsonObject, { host, context }: EpcisReading): ReadVocabularies {
  const { epcisHeader: header } = document;
  const data = isObject(header) ? header.epcisMasterData : undefined;
  const vocabularies = isObject(data) ? data.vocabularyList : undefined;
  const at = '/epcisHeader/epcisMasterData/vocabularyList';
  const faults: Fault[] = [];
  const reading = (): Reading => newReading({ host, context }, faults);
  if (vocabularies === undefined) return { claims: [], faults };
  if (!Array.isArray(vocabularies)) note(reading(), at, 'Must be a list.');
  const claims = (Array.isArray(vocabularies) ? vocabularies : []).flatMap((it, v) => {
    const here = `${at}/${v}`;
    const type = isObject(it) ? uri(it.type ?? null, `${here}/type`, reading()) : undefined;
    const elements = isObject(it) ? (it.vocabularyElementList ?? []) : null;
    if (!Array.isArray(elements))
      note(reading(), `${here}/vocabularyElementList`, 'Must be a list of what there is.');
    return (Array.isArray(elements) ? elements : []).flatMap((one, e): VocabularyClaim[] => {
      const own = reading();
      const read = element(one, `${here}/vocabularyElementList/${e}`, own);
      return typeof type === 'string' && isObject(read) ? [claimOf(type, read, own)] : [];
    });
  });
  return { claims: faults.length > 0 ? [] : claims, faults };
}

function claimOf(vocabulary: string, read: JsonObject, { declared }: Reading): VocabularyClaim {
  const { id, attributes, children } = read;
  return {
    vocabulary,
    name: typeof id === 'string' ? id : '',
    attributes: (Array.isArray(attributes) ? attributes : []).flatMap((it) =>
      isObject(it) && typeof it.id === 'string' ? [{ ...it, id: it.id }] : [],
    ),
    children: (Array.isArray(children) ? children : []).filter((it) => typeof it === 'string'),
    context:
      declared.size === 0 ? null : Object.fromEntries([...declared].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
