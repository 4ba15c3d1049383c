/** Random histories through the real ledger, told in any order, against a model of containers that is replayed naively. */
import fc from 'fast-check';
import t from 'tap';
import type { Epc } from '../../../src/core/events/hop.ts';
import { hopToEvents } from '../../../src/core/events/hop-event.ts';
import type { ResolvedHop } from '../../../src/core/events/resolved-hop.ts';
import { parseIdentifier } from '../../../src/core/gs1/identifiers.ts';
import type { Fact } from '../../../src/core/log/fact.ts';
import { required } from '../../../src/errors.ts';
import { namesOf } from '../../../src/features/tracing/names.ts';
import { traceFor } from '../../../src/features/tracing/trace-service.ts';
import { at, host, party, samples, unit } from '../../support/hop-samples.ts';
import { hop } from '../../support/hops.ts';
import { type Fact as FactOfHop, naiveTrace } from '../../support/naive-trace.ts';
import { testService } from '../../support/service.ts';
import { container } from '../../support/supply-chain.ts';

const unitCount = 4;
const cartonCount = 3;
const palletCount = 2;

/** Things by number: units, then cartons, then pallets; each may be packed into the next kind alone. */
type Act =
  | { readonly kind: 'pack' | 'unpack'; readonly thing: number; readonly into: number }
  | { readonly kind: 'empty'; readonly thing: number }
  | { readonly kind: 'ship' | 'inspect'; readonly thing: number };

const things = unitCount + cartonCount + palletCount;
const firstCarton = unitCount;
const firstPallet = unitCount + cartonCount;
const inner = fc.nat(firstPallet - 1);
const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('pack' as const, 'pack' as const, 'unpack' as const),
      thing: inner,
      into: fc.nat(5),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('empty' as const),
      thing: fc.integer({ min: firstCarton, max: things - 1 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('ship' as const, 'inspect' as const),
      thing: fc.nat(things - 1),
    }),
  },
);

const intoOf = ({ thing, into }: { thing: number; into: number }): number =>
  thing < firstCarton ? firstCarton + (into % cartonCount) : firstPallet + (into % palletCount);

/** Which acts concern a unit, by their index: containers are followed step by step. */
function concerning(story: readonly Act[], of: number): number[] {
  const inside = new Map<number, number>();
  const around = (thing: number): number[] => {
    const outer = inside.get(thing);
    return outer === undefined ? [thing] : [thing, ...around(outer)];
  };
  const found: number[] = [];
  for (const [i, act] of story.entries()) {
    const [own, ...outer] = around(of);
    const concerns = act.kind === 'empty' ? outer.includes(act.thing) : [own, ...outer].includes(act.thing);
    if (concerns) found.push(i);
    if (act.kind === 'pack') inside.set(act.thing, intoOf(act));
    else if (act.kind === 'ship') inside.delete(act.thing);
    else if (act.kind === 'unpack' && inside.get(act.thing) === intoOf(act)) inside.delete(act.thing);
    else if (act.kind === 'empty')
      for (const [thing, container] of inside) if (container === act.thing) inside.delete(thing);
  }
  return found;
}

t.test(
  'the trace up from a unit is what a replay says, of all that is recorded and of what was known before',
  async (t) => {
    const service = await testService(t);
    const deps = { ...service.deps, names: namesOf(service.deps) };
    const reader = { party: party('M'), roles: ['manufacturer'] as const, jurisdiction: null, mandate: null };
    let run = 0;
    const story = fc.array(acts, { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(story, fc.infiniteStream(fc.nat()), async (told, numbers) => {
        run++;
        const epcOf = (thing: number): Epc =>
          thing < firstCarton ? unit(`R${run}U${thing}`) : (container(run * things + thing) as Epc);
        const facts = told.map((act, i): Fact => {
          const by = { ref: `${run}/${i}`, time: at(`2025-07-01T10:${String(i).padStart(2, '0')}:00+08:00`) };
          const [event] = required(hopToEvents(hopOf(act, by, epcOf), host));
          if (event === undefined) throw new Error('no event');
          return { kind: 'event', by: party('M'), ...event } as Fact;
        });
        // Recorded in any order: what happened is told by the time it happened at.
        const order = facts
          .map((_, i) => [numbers.next().value ?? 0, i] as const)
          .sort((a, b) => a[0] - b[0]);
        const seqOf = new Map<number, number>();
        for (const [, i] of order) {
          const fact = facts[i];
          if (fact === undefined) continue;
          const { facts: recorded } = await service.deps.ledger.append([{ fact }]);
          seqOf.set(i, recorded[0]?.seq ?? -1);
        }
        const prefix =
          [...seqOf.values()].sort((a, b) => a - b)[(numbers.next().value ?? 0) % told.length] ?? 0;
        for (const [of, before] of everyUnit(Number.MAX_SAFE_INTEGER, prefix)) {
          const thing = required(parseIdentifier(epcOf(of)));
          if (thing.type !== 'unit') throw new Error('no unit');
          const recorded = [...told.keys()].filter((i) => (seqOf.get(i) ?? before) < before);
          const known = recorded.flatMap((i) => told[i] ?? []);
          const expected = concerning(known, of).map((i) => seqOf.get(recorded[i] ?? -1));
          if (expected.length === 0) continue;
          const answer = await traceFor(deps, reader, { thing, direction: 'up', at: null, before });
          const said = {
            hops: answer.hops.map(({ seq }) => seq),
            links: answer.links.map(({ kind, seq, from, to }) => `${kind} ${seq} ${from} ${to}`).sort(),
            handOvers: answer.handOvers.map(({ seqs, gap }) => `${seqs} ${gap}`).sort(),
            gaps: answer.gaps.map(({ kind, seq }) => `${kind} ${seq}`).sort(),
          };
          const naive = naiveTrace(
            recorded.flatMap((i) => recordOf(told[i], seqOf.get(i) ?? -1, i)),
            {
              ...{ start: of, direction: 'up', at: undefined, stubUntil: new Map() },
              isMade: (thing) => thing < firstCarton,
              isMeasured: () => false,
              isPlace: () => false,
            },
          );
          const named = (line: string) => {
            const [kind, seq, from, to] = line.split(' ');
            return `${kind} ${seq} ${epcOf(Number(from))} ${epcOf(Number(to))}`;
          };
          const wanted: typeof said = {
            hops: expected.map((seq) => seq ?? -1),
            links: naive.links.map(named).sort(),
            handOvers: naive.handOvers.map((it) => / by ([\d,]+ \S+):/.exec(it)?.[1] ?? it).sort(),
            gaps: naive.gaps.map((it) => it.split(' ').slice(0, 2).join(' ')).sort(),
          };
          for (const what of ['hops', 'links', 'handOvers', 'gaps'] as const)
            if (JSON.stringify(said[what]) !== JSON.stringify(wanted[what]))
              throw new Error(
                `unit ${of} before ${before}, ${what}: found ${said[what].join('; ')}, expected ${wanted[what].join('; ')}`,
              );
        }
      }),
      { numRuns: 30 },
    );
    t.pass(`${run} histories`);
  },
);

/** An act as its projection has it; all of them are M's, a minute apart. */
function recordOf(told: Act | undefined, seq: number, minute: number): FactOfHop[] {
  if (told === undefined) return [];
  const by = { at: minute * 60_000 };
  switch (told.kind) {
    case 'pack':
    case 'unpack':
      return [{ hop: hop(seq, told.kind, 'M', by), named: { parent: [intoOf(told)], child: [told.thing] } }];
    case 'empty':
      return [{ hop: hop(seq, 'unpack', 'M', by), named: { parent: [told.thing] } }];
    case 'ship':
      return [{ hop: hop(seq, 'ship', 'M', { ...by, taker: party('D') }), named: { epc: [told.thing] } }];
    case 'inspect':
      return [{ hop: hop(seq, 'inspect', 'M', by), named: { epc: [told.thing] } }];
  }
}

/** Every unit with every bound. */
const everyUnit = (...bounds: readonly number[]): [number, number][] =>
  Array.from({ length: unitCount }, (_, of) => bounds.map((before): [number, number] => [of, before])).flat();

function hopOf(act: Act, by: Pick<ResolvedHop, 'ref' | 'time'>, epcOf: (thing: number) => Epc): ResolvedHop {
  const goods = (thing: number) => ({ epcs: [epcOf(thing)], lots: [] });
  switch (act.kind) {
    case 'pack':
      return { ...samples.pack, ...by, ...goods(act.thing), container: epcOf(intoOf(act)) };
    case 'unpack':
      return { ...samples.unpack, ...by, ...goods(act.thing), container: epcOf(intoOf(act)) };
    case 'empty':
      return { ...samples.unpack, ...by, epcs: [], lots: [], container: epcOf(act.thing) };
    case 'ship':
      return { ...samples.ship, ...by, ...goods(act.thing), documents: [] };
    case 'inspect':
      return { ...samples.inspect, ...by, ...goods(act.thing) };
  }
}
