/**
 * A second telling of a unit's life, for comparison: slow, mutable, over the hops of a whole small world with explicit
 * lists of who has had what, written from the rules and not from the code it checks. It knows hops of a moment only
 * (no two at the same time, none within two hours of another), no voids, no lots, and the acts below.
 */
import type { HopRecord } from '../../src/core/events/hop.ts';
import type { LifecycleContext } from '../../src/core/life/lifecycle-state.ts';

export interface WorldHop {
  readonly hop: HopRecord;
  /** Things that it names: a unit or containers. */
  readonly things: readonly number[];
  /** The container of a packing or unpacking. */
  readonly container: number | null;
}

const handles = ['transform', 'ship', 'sell', 'pack', 'unpack', 'install', 'remove', 'scrap', 'destroy'];
const needsPossession = ['ship', 'sell', 'pack', 'unpack', 'install', 'remove', 'scrap', 'destroy'];
const outside = ['ship', 'receive', 'return', 'sell', 'install', 'remove', 'maintain', 'scrap', 'destroy'];
const blockedActs = ['ship', 'return', 'sell', 'install', 'transform', 'scrap', 'destroy'];
/** All that a transformation names here comes out of it. */
const makes = ['produce', 'transform'];
/** Takes goods in. Of returns there is only this half here, that of whoever takes them back. */
const takes = ({ hop }: HopRecord): boolean => hop === 'receive' || hop === 'return';
const authorities = ['regulator', 'laboratory', 'certification-body'];

export function naiveLife(unit: number, world: readonly WorldHop[], context: LifecycleContext) {
  const inOrder = [...world].sort((a, b) => a.hop.until - b.hop.until);
  const s = {
    stage: context.issued ? 'issued' : 'unknown',
    holder: null as string | null,
    begun: false,
    since: null as number | null,
    around: [] as { container: number; seq: number; by: string }[],
    blocks: [] as { seq: number; by: string; authority: boolean }[],
    open: null as null | { seq: number; from: string; to: string | null; sale: boolean; stage: string },
    nonconformant: false,
    inUse: false,
    produced: null as HopRecord | null,
    toldTwice: false,
    firstAct: null as number | null,
    ended: null as number | null,
  };
  /** Everybody connected: how they parted with it last, and whether only a contradicted shipment names them. */
  const connected = new Map<string, { parted: number | null; sale: boolean; rival: boolean }>();
  if (context.issuer !== null) connected.set(context.issuer, { parted: null, sale: false, rival: false });
  const claims: { seq: number; standing: string; via: number[] }[] = [];
  const found: { rule: string; seqs: [number, number]; severity: string }[] = [];

  const isStub = (party: string | null, hop: HopRecord) =>
    [...context.stubUntil].some(([p, until]) => p === party && until > hop.recordedAt);
  const give = (to: string | null, seq: number, parted: number, sale: boolean) => {
    s.open = null;
    if (to !== null && to === s.holder) return;
    if (s.holder !== null) connected.set(s.holder, { parted, sale, rival: false });
    if (to !== null) connected.set(to, { parted: null, sale: false, rival: false });
    s.holder = to;
    s.since = seq;
    s.begun = true;
  };

  const speak = (hop: HopRecord): { standing: string; moves: boolean; arrives: boolean } => {
    const who: string = hop.recorder;
    const yes = (standing: string) => ({ standing, moves: true, arrives: false });
    if (authorities.includes(hop.as)) {
      if (['inspect', 'hold', 'lift'].includes(hop.hop)) return yes('authority');
      if (hop.hop === 'destroy' && s.blocks.some((b) => b.by === who)) return yes('authority');
    }
    if (s.holder === who) return yes('holder');
    if (!s.begun && who === context.issuer) return yes('holder');
    if (who === context.issuer && [...makes, 'hold'].includes(hop.hop)) return yes('counterparty');
    if (s.open !== null) {
      if (s.open.to === who) {
        return { standing: 'counterparty', moves: true, arrives: handles.includes(hop.hop) };
      }
    }
    if (takes(hop) && hop.giver === s.holder && s.holder !== null && isStub(s.holder, hop)) {
      return yes('counterparty');
    }
    if (s.inUse && ['install', 'remove', 'inspect', 'maintain', 'scrap'].includes(hop.hop)) {
      if (hop.as === 'installer' || hop.as === 'maintenance-firm') return yes('delegate');
      if (hop.as === 'using-unit' && s.holder === null) return yes('delegate');
    }
    if (hop.hop === 'lift' && s.blocks.some((b) => b.by === who)) return yes('counterparty');
    const tie = connected.get(who);
    if (tie === undefined) return { standing: 'stranger', moves: false, arrives: false };
    if (takes(hop)) {
      if (s.stage === 'sold' && s.holder === null) return yes('counterparty');
      if (s.open !== null && s.open.to === null && hop.giver === s.open.from) return yes('counterparty');
      if (hop.hop === 'return' && s.open === null && hop.giver !== null && hop.giver === s.holder) {
        return yes('counterparty');
      }
    }
    if (hop.hop === 'cancel' && tie.parted !== null && tie.parted === s.since && isStub(s.holder, hop)) {
      if (hop.target === null || hop.target === tie.parted) return yes('counterparty');
    }
    return { standing: 'counterparty', moves: false, arrives: false };
  };

  /** What a container stands in just before a moment, by hops whose recorder counts for the unit now. */
  const containerAround = (
    thing: number,
    before: number,
  ): { container: number; seq: number; by: string } | null => {
    const stays: { container: number; seq: number; by: string }[] = [];
    const packedIn = new Set(
      inOrder.filter((w) => w.hop.hop === 'pack' && w.things.includes(thing)).map((w) => w.container),
    );
    for (const w of inOrder) {
      if (w.hop.until >= before) break;
      if (!w.things.includes(thing) || !speak(w.hop).moves) continue;
      if (w.hop.hop === 'pack' && w.container !== null) {
        if (stays[0]?.container === w.container) continue;
        stays.splice(0, 1, { container: w.container, seq: w.hop.seq, by: w.hop.recorder });
      } else if (w.hop.hop === 'unpack') {
        if (w.container === stays[0]?.container) stays.pop();
      } else if (outside.includes(w.hop.hop) && !w.things.some((other) => packedIn.has(other))) stays.pop();
    }
    return stays[0] ?? null;
  };

  for (const w of inOrder) {
    const { hop } = w;
    const seq = hop.seq;
    const nest = [unit, ...s.around.map((p) => p.container)];
    // Making a container makes nothing of what is in it.
    const reach = makes.includes(hop.hop) ? [unit] : nest;
    const depth = reach.findLastIndex((thing) => w.things.includes(thing));
    if (depth < 0) continue;
    const { standing, moves, arrives } = speak(hop);
    const say = (rule: string, other: number | null, severity: string) =>
      found.push({ rule, seqs: [other ?? seq, seq], severity });
    claims.push({ seq, standing, via: nest.slice(1, depth + 1) });
    const late = context.asOf - hop.recordedAt > context.graceMs;
    const sale = hop.hop === 'sell' || hop.transfer === 'sale';
    const tie = connected.get(hop.recorder);

    if (s.ended !== null) {
      const harmless =
        s.stage === 'scrapped'
          ? [
              'receive',
              'return',
              'pack',
              'unpack',
              'remove',
              'scrap',
              'destroy',
              'inspect',
              'hold',
              'lift',
              'cancel',
            ].includes(hop.hop) ||
            (hop.hop === 'ship' && !sale)
          : ['inspect', 'hold', 'lift', 'cancel'].includes(hop.hop);
      if (!harmless) say('event-after-scrap', s.ended, standing === 'stranger' ? 'claim' : 'conflict');
      if (moves && s.stage === 'scrapped' && hop.hop === 'destroy') s.stage = 'destroyed';
      continue;
    }
    if (standing === 'stranger') {
      if (takes(hop)) {
        if (late) say('receipt-without-shipment', s.since, 'claim');
      } else if (hop.hop !== 'inspect')
        say(hop.as === 'using-unit' ? 'user-without-seller' : 'stranger-claim', s.since, 'claim');
      continue;
    }
    if (!moves) {
      if (tie !== undefined && !tie.rival) {
        if (hop.hop === 'cancel') {
          if (tie.parted !== null && (hop.target === null || hop.target === tie.parted)) {
            say('withdrawn-after-receipt', s.since, 'conflict');
          }
        } else if (hop.hop === 'lift') {
          if (s.blocks[0]) say('lift-without-power', s.blocks[0].seq, 'quality');
        } else if (takes(hop)) {
          if (late) say('receipt-without-shipment', s.since, 'conflict');
        } else if (hop.hop === 'ship' || hop.hop === 'sell') {
          const again = tie.parted !== null && tie.sale && sale;
          say(again ? 'double-sale' : 'ship-by-non-holder', tie.parted ?? s.since, 'conflict');
        } else if (handles.includes(hop.hop)) say('handled-by-non-holder', s.since, 'conflict');
      }
      if ((hop.hop === 'ship' || hop.hop === 'sell') && hop.taker !== null && !connected.has(hop.taker)) {
        connected.set(hop.taker, { parted: null, sale: false, rival: true });
      }
      continue;
    }

    // From here on somebody speaks whose word counts.
    const here = s.around[depth];
    const own = s.open !== null && s.open.to === s.open.from;
    if (makes.includes(hop.hop)) {
      if (s.produced !== null) {
        const again =
          !s.toldTwice &&
          s.produced.recorder === hop.recorder &&
          s.produced.hop !== hop.hop &&
          hop.until - s.produced.until < 24 * 60 * 60 * 1000;
        if (again) s.toldTwice = true;
        else say('produced-twice', s.produced.seq, 'conflict');
      } else if (s.firstAct !== null) say('event-before-production', s.firstAct, 'conflict');
    }
    if (here !== undefined) {
      if (hop.hop === 'pack' && w.container !== here.container) {
        if (here.by === hop.recorder) say('implied-unpack', here.seq, 'quality');
        else say('two-containers-at-once', here.seq, 'conflict');
      } else if (outside.includes(hop.hop)) say('implied-unpack', here.seq, 'quality');
    }
    if (arrives && s.open !== null && !own) say('implied-receipt', s.open.seq, 'quality');
    const crosses = (() => {
      if (s.open === null || s.open.to === null || own || s.open.to === hop.recorder) return false;
      if (hop.hop === 'ship' || hop.hop === 'sell') return hop.taker === null || hop.taker !== s.open.to;
      return ['install', 'scrap', 'destroy'].includes(hop.hop);
    })();
    if (crosses && s.open !== null) {
      const trade = hop.hop === 'ship' || hop.hop === 'sell';
      const rule =
        trade && s.open.sale && sale ? 'double-sale' : trade ? 'ship-by-non-holder' : 'handled-by-non-holder';
      say(rule, s.open.seq, 'conflict');
    }
    if (takes(hop) && s.open !== null && hop.giver !== null && hop.giver !== s.open.from) {
      say('received-differently', s.open.seq, 'quality');
    }
    const lifted = s.blocks.filter(
      (b) =>
        (hop.target === null || hop.target === b.seq) &&
        (b.by === hop.recorder || (hop.target === b.seq && b.authority && authorities.includes(hop.as))),
    );
    if (hop.hop === 'lift' && s.blocks[0] && lifted.length === 0) {
      say('lift-without-power', s.blocks[0].seq, 'quality');
    }
    if (s.blocks[0] && blockedActs.includes(hop.hop) && !authorities.includes(hop.as)) {
      say('moved-while-blocked', s.blocks[0].seq, s.blocks[0].authority ? 'conflict' : 'quality');
    }

    // The effect.
    if (s.open !== null && (arrives || (own && handles.includes(hop.hop)))) {
      const { seq: shipped, sale: sold, to } = s.open;
      if (!own) s.inUse = hop.as === 'using-unit';
      give(to, seq, shipped, sold);
      s.stage = 'held';
    }
    if (crosses) {
      if (hop.taker !== null && !connected.has(hop.taker)) {
        connected.set(hop.taker, { parted: null, sale: false, rival: true });
      }
      continue;
    }
    const counts = needsPossession.includes(hop.hop) || takes(hop);
    if (counts) s.firstAct ??= seq;
    if (counts && !takes(hop) && !s.begun) give(hop.recorder, seq, seq, false);
    if (outside.includes(hop.hop)) s.around.splice(depth);
    switch (hop.hop) {
      case 'produce':
      case 'transform':
        s.produced ??= hop;
        if (!s.begun) give(hop.recorder, seq, seq, false);
        if (s.stage === 'issued' || s.stage === 'unknown') s.stage = 'produced';
        break;
      case 'pack': {
        if (w.container === null || here?.container === w.container) break;
        s.around.splice(depth);
        let next: { container: number; seq: number; by: string } | null = {
          container: w.container,
          seq,
          by: hop.recorder,
        };
        const known = () => [unit, ...s.around.map((p) => p.container)];
        while (next !== null && !known().includes(next.container)) {
          s.around.push(next);
          next = containerAround(next.container, hop.until);
        }
        break;
      }
      case 'unpack':
        if (here !== undefined && w.container === here.container) s.around.splice(depth);
        break;
      case 'ship':
        if (hop.taker !== s.holder && isStub(hop.taker, hop)) {
          give(hop.taker, seq, seq, sale);
          s.stage = 'held';
          s.inUse = true;
        } else {
          const stage: string = s.open?.stage ?? s.stage;
          s.open = { seq, from: s.holder ?? hop.recorder, to: hop.taker, sale, stage };
          s.stage = 'in-transit';
          const known = hop.taker === null ? undefined : connected.get(hop.taker);
          if (hop.taker !== null && hop.taker !== s.holder) {
            connected.set(hop.taker, { parted: null, sale: false, ...known, rival: false });
          }
        }
        break;
      case 'receive':
      case 'return':
        if (s.open === null && s.holder === hop.recorder) break;
        if (!own) s.inUse = hop.as === 'using-unit';
        give(s.open?.to ?? hop.recorder, seq, s.open?.seq ?? seq, s.open?.sale ?? false);
        s.stage = 'held';
        break;
      case 'sell':
        give(hop.taker, seq, seq, true);
        s.stage = 'sold';
        s.inUse = true;
        break;
      case 'cancel':
        if (s.open !== null) {
          if ((hop.target === null || hop.target === s.open.seq) && (hop.recorder !== s.open.to || own)) {
            s.stage = s.open.stage;
            s.open = null;
          }
        } else if (tie?.parted !== undefined && tie.parted !== null && tie.parted === s.since) {
          give(hop.recorder, seq, seq, false);
          s.stage = 'held';
          s.inUse = false;
        }
        break;
      case 'install':
        s.open = null;
        s.stage = 'installed';
        s.inUse = true;
        break;
      case 'remove':
        s.stage = 'held';
        break;
      case 'inspect':
      case 'maintain':
        if (hop.outcome !== null) s.nonconformant = hop.outcome === 'non-conformant';
        break;
      case 'scrap':
      case 'destroy':
        s.stage = hop.hop === 'scrap' ? 'scrapped' : 'destroyed';
        s.ended = seq;
        s.open = null;
        s.around = [];
        break;
      case 'hold':
        s.blocks.push({ seq, by: hop.recorder, authority: authorities.includes(hop.as) });
        break;
      case 'lift':
        s.blocks = s.blocks.filter((b) => !lifted.includes(b));
        break;
      default:
        throw new Error(`the naive model does not know ${hop.hop}`);
    }
  }
  return {
    stage: s.stage,
    holder: s.holder,
    containers: s.around.map((p) => p.container),
    blocks: s.blocks.map((b) => b.seq),
    open: s.open?.seq ?? null,
    nonconformant: s.nonconformant,
    inUse: s.inUse,
    claims,
    found,
  };
}
