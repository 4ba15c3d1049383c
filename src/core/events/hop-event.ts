/**
 * Hops as EPCIS 2.0 events. One hop is one event, except
 *
 *   replace            DELETE of what was taken out, ADD of what was put in
 *   maintain, refill   and, when parts are named, an AssociationEvent of the parts with the thing
 *   relabel            for each pair DELETE of the old code, ADD of the new one, which names the first as target
 *   correct            the error declaration, then the events of the replacement
 *
 * Standards: EPCIS 2.0 §7.4, CBV 2.0 §7. Worked example, a sale of one unit shipped:
 *
 *   {"type":"ObjectEvent","action":"OBSERVE","bizStep":"shipping","disposition":"in_transit",
 *    "epcList":["01/06901234567892/21/A7"],"readPoint":{"id":"place/W1"},
 *    "sourceList":[{"type":"location","source":"place/W1"},{"type":"owning_party","source":"party/M"},
 *                  {"type":"possessing_party","source":"party/M"}], "destinationList":[…],
 *    "suyuan:hop":"ship","suyuan:ref":"DN-17/1","suyuan:as":"manufacturer","suyuan:transfer":"sale",…}
 */
import { fault, ok, type Result } from '../../errors.ts';
import { formatQuantity, pieces } from '../quantity.ts';
import { custodyOf, destinations, documents, sources, stays } from './custody.ts';
import type {
  Action,
  BizStep,
  Difference,
  Disposition,
  EpcisEvent,
  ErrorDeclaration,
  EventBody,
  Writable,
} from './epcis.ts';
import { eventHash } from './event-hash.ts';
import type { Epc, Outcome } from './hop.ts';
import { checkHop } from './hop-check.ts';
import type { DifferenceFound, Goods, Making, PlainHop, Resolved, ResolvedHop } from './resolved-hop.ts';
import { asChildren, asInput, asObjects, asOutput } from './what.ts';

/**
 * The events of a hop, in the order in which they are recorded, each with its hash as eventID; `host` is that of
 * the ledger. Faults: `invalid-request`, `invalid-identifier`, `duplicate-epc`, `invalid-time`, with pointers
 * into the hop.
 */
export function hopToEvents(hop: ResolvedHop, host: string): Result<EventBody[]> {
  const wrong = checkHop(hop);
  if (wrong) return fault(wrong.code, wrong.detail, wrong.pointer);
  switch (hop.hop) {
    case 'void':
      return ok([{ ...hop.original, errorDeclaration: declaration(hop, 'did_not_occur', [], hop.reason) }]);
    case 'correct':
      return correction(hop, host);
    default:
      return ok(plainEvents(hop, host));
  }
}

/** The members in which the events of one hop differ from each other. */
type Members = Omit<Partial<EpcisEvent>, 'type' | 'eventID'> & Pick<EpcisEvent, 'type'>;

function plainEvents(hop: PlainHop, host: string): EpcisEvent[] {
  if (hop.hop === 'relabel') return relabelling(hop, host);
  return membersOf(hop).map((members) => seal(hop, members, host));
}

function membersOf(hop: Exclude<PlainHop, { hop: 'relabel' }>): Members[] {
  switch (hop.hop) {
    case 'produce': {
      const step = hop.begun && hop.epcs.length === 0 ? 'creating_class_instance' : 'commissioning';
      return [{ ...object('ADD', step, 'active', hop), ...ilmd(hop) }];
    }
    case 'adopt':
      return [
        { ...object('ADD', 'commissioning', 'active', hop), ...ilmd(hop), 'suyuan:origin': hop.origin },
      ];
    case 'release':
      return [object('OBSERVE', 'inspecting', conformity(hop.outcome), hop)];
    case 'pack':
      return [{ type: 'AggregationEvent', action: 'ADD', bizStep: 'packing', ...inside(hop) }];
    case 'unpack':
      return [{ type: 'AggregationEvent', action: 'DELETE', bizStep: 'unpacking', ...inside(hop) }];
    case 'ship':
      return [{ ...object('OBSERVE', 'shipping', 'in_transit', hop), 'suyuan:transfer': hop.transfer }];
    case 'return':
      return [
        {
          ...object('OBSERVE', hop.direction === 'out' ? 'shipping' : 'receiving', 'returned', hop),
          ...arrival(hop.direction === 'in' ? hop.epcs : [], hop.differences),
          ...(hop.transfer === null ? {} : { 'suyuan:transfer': hop.transfer }),
        },
      ];
    case 'receive':
      return [{ ...object('OBSERVE', 'receiving', null, hop), ...arrival(hop.epcs, hop.differences) }];
    case 'cancel':
      return [{ ...object('OBSERVE', 'void_shipping', null, hop), 'suyuan:target': hop.target }];
    case 'sell':
      return [object('OBSERVE', 'retail_selling', 'retail_sold', hop)];
    case 'install':
      return [association('ADD', 'installing', hop.place, hop)];
    case 'remove':
      return [association('DELETE', 'removing', hop.place, hop)];
    case 'replace':
      return [
        association('DELETE', 'replacing', hop.place, hop.removed),
        association('ADD', 'replacing', hop.place, hop.installed),
      ];
    case 'inspect':
      return [inspection(hop)];
    case 'maintain':
    case 'refill':
      return [service(hop), ...partsUsed(hop)];
    case 'transform':
      return [transformation(hop.inputs, hop.outputs)];
    case 'split':
      return [transformation({ epcs: [], lots: [hop.of] }, hop.cuts)];
    case 'hold':
    case 'seize':
      return [object('OBSERVE', 'holding', 'non_sellable_other', hop)];
    case 'lift': {
      const members = object('OBSERVE', 'holding', 'available', hop);
      return [hop.target === null ? members : { ...members, 'suyuan:target': hop.target }];
    }
    case 'scrap':
      return [object('OBSERVE', 'collecting', 'disposed', hop)];
    case 'destroy':
      return [object('DELETE', 'destroying', 'destroyed', hop)];
  }
}

/** An event whole, named by its hash. */
function seal(hop: PlainHop, members: Members, host: string): EpcisEvent {
  const { time } = hop;
  const custody = custodyOf(hop);
  // Written once for every hop there is: what it lacks costs nothing.
  const event: Writable<EpcisEvent> = {
    type: members.type,
    eventID: '',
    eventTime: time.text,
    eventTimeZoneOffset: time.offset,
    'suyuan:hop': hop.hop,
    'suyuan:ref': hop.ref,
    'suyuan:as': hop.as,
  };
  Object.assign(event, members);
  if (hop.place !== null) event.readPoint = { id: hop.place };
  if (hop.documents.length > 0) Object.assign(event, documents(hop, custody));
  if (custody !== stays) Object.assign(event, sources(custody), destinations(custody));
  if (time.precision !== 'millisecond') event['suyuan:timePrecision'] = time.precision;
  if (hop.delegation !== null) event['suyuan:delegation'] = hop.delegation;
  if (hop.note !== null) event['suyuan:note'] = hop.note;
  event.eventID = eventHash(event, host);
  return event;
}

const object = (action: Action, bizStep: BizStep, disposition: Disposition | null, goods: Goods): Members =>
  disposition === null
    ? { type: 'ObjectEvent', action, bizStep, ...asObjects(goods) }
    : { type: 'ObjectEvent', action, bizStep, disposition, ...asObjects(goods) };

const association = (action: Action, bizStep: BizStep, parentID: string, children: Goods): Members => ({
  type: 'AssociationEvent',
  action,
  bizStep,
  parentID,
  ...asChildren(children),
});

const transformation = (inputs: Goods, outputs: Goods): Members => ({
  type: 'TransformationEvent',
  bizStep: outputs.epcs.length > 0 ? 'commissioning' : 'creating_class_instance',
  ...asInput(inputs),
  ...asOutput(outputs),
});

const inside = (hop: Resolved<'pack' | 'unpack'>) => ({ parentID: hop.container, ...asChildren(hop) });

const conformity = (outcome: Outcome): Disposition =>
  outcome === 'conformant' ? 'conformant' : 'non_conformant';

function inspection(hop: Resolved<'inspect'>): Members {
  const step = hop.sampling === null ? 'inspecting' : hop.sampling === 'sample' ? 'holding' : 'sampling';
  const disposition = hop.outcome === null ? null : conformity(hop.outcome);
  return { ...object('OBSERVE', step, disposition, hop), ...due(hop.nextDue) };
}

function service(hop: Resolved<'maintain' | 'refill'>): Members {
  const disposition = hop.outcome === 'conformant' ? 'available' : 'non_conformant';
  return { ...object('OBSERVE', 'repairing', disposition, hop), ...due(hop.nextDue) };
}

const due = (day: string | null): Pick<EpcisEvent, 'suyuan:nextDue'> =>
  day === null ? {} : { 'suyuan:nextDue': day };

function partsUsed({ epcs, parts }: Resolved<'maintain' | 'refill'>): Members[] {
  const [thing] = epcs;
  return thing === undefined || parts.epcs.length + parts.lots.length === 0
    ? []
    : [association('ADD', 'replacing', thing, parts)];
}

/** A sealed container is taken in whole, what is in it inferred; what is known to differ is said. */
function arrival(epcs: readonly Epc[], differences: readonly DifferenceFound[]): Partial<EpcisEvent> {
  const kinds = new Set(differences.map((it) => it.type));
  const set: Disposition[] = [];
  if (kinds.has('instance')) set.push('mismatch_instance');
  if (kinds.has('quantity')) set.push('mismatch_quantity');
  if (set.length > 0) {
    return { persistentDisposition: { set }, 'suyuan:differences': differences.map(difference) };
  }
  const sealed = epcs.some((epc) => epc.startsWith('00/'));
  return sealed ? { persistentDisposition: { set: ['completeness_inferred'] } } : {};
}

function difference(it: DifferenceFound): Difference {
  switch (it.type) {
    case 'instance':
      return {
        'suyuan:difference': 'instance',
        'suyuan:epc': it.epc,
        'suyuan:found': it.found ? '1' : '0',
      };
    case 'quantity':
      return {
        'suyuan:difference': 'quantity',
        'suyuan:epc': it.lot,
        'suyuan:expected': formatQuantity(it.expected),
        'suyuan:found': formatQuantity(it.found),
        ...(it.uom === pieces ? {} : { 'suyuan:uom': it.uom }),
      };
  }
}

/** Instance and lot master data, in the words of CBV 2.0 §9 and the GS1 web vocabulary. */
function ilmd(making: Making): Pick<EpcisEvent, 'ilmd'> {
  const said = [
    ['cbvmda:lotNumber', making.lot],
    ['cbvmda:bestBeforeDate', making.bestBefore],
    ['gs1:productionDate', making.productionDate],
    ['suyuan:factory', making.factory],
  ].filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return said.length === 0 ? {} : { ilmd: Object.fromEntries(said) };
}

/** The old code goes, the new one comes; two events a pair, so that nobody guesses which became which. */
function relabelling(hop: Resolved<'relabel'>, host: string): EpcisEvent[] {
  return hop.pairs.flatMap((pair) => {
    const gone = seal(
      hop,
      {
        ...object('DELETE', 'decommissioning', 'inactive', { epcs: [pair.old], lots: [] }),
        'suyuan:replacedBy': pair.new,
      },
      host,
    );
    const come = seal(
      hop,
      {
        ...object('ADD', 'commissioning', 'active', { epcs: [pair.new], lots: [] }),
        'suyuan:replaces': pair.old,
        'suyuan:target': gone.eventID,
      },
      host,
    );
    return [gone, come];
  });
}

function correction(hop: Resolved<'correct'>, host: string): Result<EventBody[]> {
  const replacement = hop.replacement === null ? [] : plainEvents(hop.replacement, host);
  const ids = replacement.map((event) => event.eventID);
  if (ids.includes(hop.original.eventID)) {
    return fault('invalid-request', 'The replacement says what was recorded already.', '/replacement');
  }
  const declared = declaration(hop, 'incorrect_data', ids, hop.note);
  return ok([{ ...hop.original, errorDeclaration: declared }, ...replacement]);
}

/** EPCIS 2.0 §7.4.1.2: the original again, with a declaration that its eventID is in error. */
function declaration(
  hop: Resolved<'correct' | 'void'>,
  reason: ErrorDeclaration['reason'],
  correctiveEventIDs: readonly string[],
  note: string | null,
): ErrorDeclaration {
  return {
    declarationTime: hop.time.text,
    reason,
    ...(correctiveEventIDs.length === 0 ? {} : { correctiveEventIDs }),
    'suyuan:ref': hop.ref,
    'suyuan:as': hop.as,
    ...(hop.time.precision === 'millisecond' ? {} : { 'suyuan:timePrecision': hop.time.precision }),
    ...(hop.delegation === null ? {} : { 'suyuan:delegation': hop.delegation }),
    ...(note === null ? {} : { 'suyuan:note': note }),
  };
}
