/**
 * Members that a document leaves out of the hashes of its events: what a repository adds to an event after it was
 * named, and names again when it hands the event on.
 *
 *   "@context":[{"repository-x":"https://repository-x.example.com/","acme":"https://ns.acme.example/epcis/"}],
 *   "repository-x:ignoreFields":["acme:captureID"]
 *   →  {https://ns.acme.example/epcis/}captureID
 *
 * CBV 2.0 §8.9 knows nothing of it. The published examples of its reference implementation do, under this name alone:
 * in XML as a child of the root, in JSON of the document or of `queryResults`.
 */
import { expandedName } from '../events/event-hash.ts';
import { isObject, textsOf } from '../events/event-members.ts';
import type { JsonObject } from '../text/canonical.ts';
import type { Context } from './epcis-context.ts';

/** Whether a member or an element is that list. */
export const isUnhashed = (space: string, name: string): boolean =>
  space === 'https://repository-x.example.com/' && name === 'ignoreFields';

/** Names as the event hash has them (event-hash.ts). */
export function unhashedIn(document: JsonObject, context: Context): ReadonlySet<string> {
  const { epcisBody: body } = document;
  const results = isObject(body) && isObject(body.queryResults) ? body.queryResults : {};
  const lists = [document, results].flatMap((holder) =>
    Object.keys(holder).flatMap((name) => {
      const [prefix = '', local = ''] = name.split(':');
      return isUnhashed(context.get(prefix) ?? '', local) ? textsOf(holder, name) : [];
    }),
  );
  const spaces = lists.length === 0 ? {} : Object.fromEntries(context);
  return new Set(lists.map((name) => expandedName(name, spaces)));
}
