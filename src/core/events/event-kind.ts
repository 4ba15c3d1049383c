/**
 * Which hop an event is. Our own events say so (`suyuan:hop`); events written elsewhere are told by type,
 * action, business step and disposition (CBV 2.0 §7.1, §7.2):
 *
 * | event                                                       | hop        |
 * |-------------------------------------------------------------|------------|
 * | any with errorDeclaration `incorrect_data` / any other      | correct / void |
 * | TransformationEvent                                         | transform  |
 * | AggregationEvent ADD / DELETE                               | pack / unpack |
 * | AssociationEvent with a place ADD / DELETE / `replacing`    | install / remove / replace |
 * | AssociationEvent with a thing ADD / DELETE                  | maintain: put in / taken out |
 * | ObjectEvent ADD `commissioning`, `creating_class_instance`  | produce    |
 * | ObjectEvent DELETE `destroying` / `decommissioning`         | destroy / relabel |
 * | ObjectEvent OBSERVE `shipping`, `departing`, `consigning`   | ship, or return if `returned` |
 * | … `receiving`, `accepting`                                  | receive, or return if `returned` |
 * | … `void_shipping`, `retail_selling`, `repairing`            | cancel, sell, maintain |
 * | … `holding` + `non_sellable_other` / `available`            | hold / lift |
 * | … `collecting` + `disposed`                                 | scrap      |
 * | anything else                                               | inspect: something was seen, nothing changes |
 *
 * Who tells more finely tells `departing` or `consigning` in the place of `shipping`, and `accepting` in that of `receiving`
 * (CBV 2.0 §7.1.3): each pair excludes the other. Before it is accepted, what is `arriving` has changed no hands.
 */
import type { JsonObject } from '../text/canonical.ts';
import { isObject, textOf, textsOf } from './event-members.ts';
import { type HopType, hopTypes } from './hop.ts';

/** The hop of an event in the form of a fact's body. */
export function hopOf(event: JsonObject): HopType {
  if (isObject(event.errorDeclaration)) {
    return textOf(event.errorDeclaration, 'reason') === 'incorrect_data' ? 'correct' : 'void';
  }
  const said = textOf(event, 'suyuan:hop');
  const own = hopTypes.find((it) => it === said);
  return own ?? foreignHop(event);
}

/** What an event may say of itself that its members cannot: kinds of hops that look alike to EPCIS. */
const refinements: Readonly<Partial<Record<HopType, readonly HopType[]>>> = {
  produce: ['adopt'],
  inspect: ['release'],
  maintain: ['refill'],
  transform: ['split'],
  hold: ['seize'],
};

/** Whether the hop that an event says it is can be told by its members: the one they say, or one like it. */
export function isRefinement(event: JsonObject): boolean {
  const said = hopTypes.find((it) => it === event['suyuan:hop']);
  if (said === undefined) return event['suyuan:hop'] === undefined;
  const told = foreignHop(event);
  return said === told || (refinements[told]?.includes(said) ?? false);
}

/** A receiver says that what came is not what was announced. */
export function isMismatch(event: JsonObject): boolean {
  const { persistentDisposition } = event;
  const set = isObject(persistentDisposition) ? textsOf(persistentDisposition, 'set') : [];
  return [textOf(event, 'disposition') ?? '', ...set].some((it) => it.startsWith('mismatch_'));
}

function foreignHop(event: JsonObject): HopType {
  const action = textOf(event, 'action');
  const step = textOf(event, 'bizStep');
  switch (textOf(event, 'type')) {
    case 'TransformationEvent':
      return 'transform';
    case 'AggregationEvent':
      return action === 'ADD' ? 'pack' : action === 'DELETE' ? 'unpack' : 'inspect';
    case 'AssociationEvent':
      return associationHop(action, step, textOf(event, 'parentID') ?? '');
    default:
      return objectHop(action, step, textOf(event, 'disposition'));
  }
}

function associationHop(action: string | null, step: string | null, parent: string): HopType {
  if (action !== 'ADD' && action !== 'DELETE') return 'inspect';
  if (!/^(?:414|place)\//.test(parent)) return 'maintain';
  if (step === 'replacing') return 'replace';
  return action === 'ADD' ? 'install' : 'remove';
}

function objectHop(action: string | null, step: string | null, disposition: string | null): HopType {
  switch (action) {
    case 'ADD':
      return step === 'commissioning' || step === 'creating_class_instance' ? 'produce' : 'inspect';
    case 'DELETE':
      return step === 'destroying' ? 'destroy' : step === 'decommissioning' ? 'relabel' : 'inspect';
    default:
      return observedHop(step, disposition);
  }
}

function observedHop(step: string | null, disposition: string | null): HopType {
  switch (step) {
    case 'shipping':
    case 'departing':
    case 'consigning':
      return disposition === 'returned' ? 'return' : 'ship';
    case 'receiving':
    case 'accepting':
      return disposition === 'returned' ? 'return' : 'receive';
    case 'void_shipping':
      return 'cancel';
    case 'retail_selling':
      return 'sell';
    case 'repairing':
      return 'maintain';
    case 'collecting':
      return disposition === 'disposed' ? 'scrap' : 'inspect';
    case 'holding':
      return disposition === 'non_sellable_other' ? 'hold' : disposition === 'available' ? 'lift' : 'inspect';
    default:
      return 'inspect';
  }
}
