/**
 * What a hop cannot say, whoever says it. Contradictions with what others recorded are no matter of this file:
 * they are kept and found later.
 *
 *   pack with the container itself among its goods  →  invalid-request
 *   an EPC twice in one list                        →  duplicate-epc
 */
import { type Fault, fault } from '../../errors.ts';
import { parseDate } from '../time.ts';
import type { Epc } from './hop.ts';
import type { Goods, LotQuantity, Resolved, ResolvedHop } from './resolved-hop.ts';

const unitPath = /^01\/\d{14}\/21\//;
const lotPath = /^01\/\d{14}\/10\//;
const containerPath = /^00\//;

/** The first thing wrong with a hop, or null. Pointers are relative to the hop in its API form. */
export function checkHop(hop: ResolvedHop): Fault | null {
  switch (hop.hop) {
    case 'produce':
    case 'adopt':
      return (
        checkGoods(hop, '', unitPath) ??
        checkDate(hop.productionDate, '/productionDate') ??
        checkDate(hop.bestBefore, '/bestBefore')
      );
    case 'pack':
      return checkGoods(hop) ?? checkContainer(hop);
    case 'unpack':
      return checkLists(hop) ?? checkContainer(hop);
    case 'maintain':
    case 'refill':
      return (
        checkGoods(hop) ??
        checkLists(hop.parts, '/parts') ??
        checkPartsOwner(hop) ??
        checkApart(hop, hop.parts, '/parts/epcs') ??
        checkDate(hop.nextDue, '/nextDue')
      );
    case 'receive':
      return checkGoods(hop) ?? checkDifferences(hop);
    case 'inspect':
      return checkGoods(hop) ?? checkDate(hop.nextDue, '/nextDue');
    case 'replace':
      return (
        checkGoods(hop.removed, '/removed') ??
        checkGoods(hop.installed, '/installed') ??
        checkApart(hop.removed, hop.installed, '/installed/epcs')
      );
    case 'transform':
      return (
        checkGoods(hop.inputs, '/inputs') ??
        checkGoods(hop.outputs, '/outputs') ??
        checkApart(hop.inputs, hop.outputs, '/outputs/epcs')
      );
    case 'split':
      return checkLots([hop.of], '/of') ?? checkGoods(hop.cuts, '/cuts');
    case 'return':
      return checkGoods(hop) ?? checkDirection(hop) ?? checkDifferences(hop);
    case 'relabel':
      return checkPairs(hop.pairs);
    case 'correct':
      return hop.replacement && within('/replacement', checkHop(hop.replacement));
    case 'void':
      return null;
    case 'release':
    case 'ship':
    case 'cancel':
    case 'sell':
    case 'install':
    case 'remove':
    case 'hold':
    case 'seize':
    case 'lift':
    case 'scrap':
    case 'destroy':
      return checkGoods(hop);
  }
}

const within = (at: string, found: Fault | null): Fault | null =>
  found && { ...found, pointer: at + (found.pointer ?? '') };

function checkGoods(goods: Goods, at = '', path?: RegExp): Fault | null {
  if (goods.epcs.length + goods.lots.length === 0) {
    return fault('invalid-request', 'Name what the hop is about: at least one of epcs or lots.', at);
  }
  return checkLists(goods, at, path);
}

function checkLists(goods: Goods, at = '', path?: RegExp): Fault | null {
  return checkEpcs(goods.epcs, `${at}/epcs`, path) ?? checkLots(goods.lots, `${at}/lots`);
}

function checkEpcs(epcs: readonly Epc[], at: string, path: RegExp | undefined): Fault | null {
  const seen = new Set<Epc>();
  for (const [i, epc] of epcs.entries()) {
    if (!(path?.test(epc) ?? (unitPath.test(epc) || containerPath.test(epc)))) {
      const wanted = path ? 'units' : 'units and containers';
      return fault(
        'invalid-identifier',
        `Only ${wanted} stand here; give lots with their quantity.`,
        `${at}/${i}`,
      );
    }
    if (seen.has(epc)) return twice(epc, `${at}/${i}`);
    seen.add(epc);
  }
  return null;
}

function checkLots(lots: readonly LotQuantity[], at: string): Fault | null {
  const seen = new Set<Epc>();
  for (const [i, { lot }] of lots.entries()) {
    if (!lotPath.test(lot)) {
      return fault('invalid-identifier', 'Name the lot as 01/{GTIN}/10/{lot}.', `${at}/${i}/lot`);
    }
    if (seen.has(lot)) return twice(lot, `${at}/${i}/lot`);
    seen.add(lot);
  }
  return null;
}

/** One thing is not its own part, its own replacement, or made of itself. Lots may be: of some of it more is left. */
function checkApart(goods: Goods, others: Goods, at: string): Fault | null {
  const things = new Set(goods.epcs);
  const i = others.epcs.findIndex((epc) => things.has(epc));
  return i === -1
    ? null
    : fault('invalid-request', `${others.epcs[i]} stands on both sides; name it on one.`, `${at}/${i}`);
}

const twice = (epc: Epc, at: string): Fault =>
  fault('duplicate-epc', `${epc} stands twice in one list; name it once.`, at);

function checkContainer({ container, epcs }: Goods & { readonly container: Epc }): Fault | null {
  if (!containerPath.test(container)) {
    return fault('invalid-identifier', 'A container is named by its SSCC: 00/{SSCC}.', '/container');
  }
  return epcs.includes(container)
    ? fault('invalid-request', 'A container cannot hold itself; take it off the list.', '/epcs')
    : null;
}

/** Who sends goods back says from where; what differs is known to whoever takes them in. */
function checkDirection(hop: Resolved<'return'>): Fault | null {
  if (hop.direction === 'in') return null;
  if (hop.place === null)
    return fault('invalid-request', 'Give the place from which the goods go back.', '/place');
  return hop.differences.length > 0
    ? fault(
        'invalid-request',
        'Differences are for whoever takes the goods in; leave them out.',
        '/differences',
      )
    : null;
}

/** What differs is told once of each thing, and by what came: a thing that is received is not missing. */
function checkDifferences({ epcs, differences }: Resolved<'receive' | 'return'>): Fault | null {
  const received = new Set(epcs);
  const seen = new Set<Epc>();
  for (const [i, it] of differences.entries()) {
    const at = `/differences/${i}`;
    const [thing, pointer] = it.type === 'instance' ? [it.epc, `${at}/epc`] : [it.lot, `${at}/lot`];
    if (lotPath.test(thing) !== (it.type === 'quantity')) {
      const wanted = it.type === 'instance' ? 'a unit or container' : 'a lot';
      return fault('invalid-identifier', `Name ${wanted} here.`, pointer);
    }
    if (seen.has(thing)) return twice(thing, pointer);
    seen.add(thing);
    if (it.type === 'instance' && !it.found && received.has(it.epc)) {
      return fault('invalid-request', `${it.epc} is received and missing at once; say one of both.`, at);
    }
    if (it.type === 'quantity' && it.expected === it.found) {
      return fault('invalid-request', 'As much came as was expected; leave this difference out.', at);
    }
  }
  return null;
}

/** Parts go into one thing, or nobody could say which has which. */
function checkPartsOwner({ epcs, lots, parts }: Goods & { readonly parts: Goods }): Fault | null {
  const used = parts.epcs.length + parts.lots.length > 0;
  return used && (epcs.length !== 1 || lots.length > 0)
    ? fault(
        'invalid-request',
        'Record parts for one unit a hop; split the hop, or leave the parts out.',
        '/parts',
      )
    : null;
}

function checkPairs(pairs: readonly { readonly old: Epc; readonly new: Epc }[]): Fault | null {
  if (pairs.length === 0) return fault('invalid-request', 'Name at least one pair of old and new.', '/pairs');
  const seen = new Set<Epc>();
  for (const [i, pair] of pairs.entries()) {
    for (const side of ['old', 'new'] as const) {
      const at = `/pairs/${i}/${side}`;
      if (!unitPath.test(pair[side]) && !containerPath.test(pair[side])) {
        return fault('invalid-identifier', 'Only units and containers change their label.', at);
      }
      if (seen.has(pair[side])) return twice(pair[side], at);
      seen.add(pair[side]);
    }
  }
  return null;
}

function checkDate(date: string | null, at: string): Fault | null {
  if (date === null) return null;
  const read = parseDate(date);
  return read.ok ? null : { code: read.code, detail: read.detail, pointer: at };
}
