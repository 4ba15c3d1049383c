/**
 * Which of some candidates an order is about, and where they are, as the entries before `before` tell. Units with the
 * same history are folded once. A fixed number of statements, and one a level of nesting, however many candidates.
 */
import type { PartyId } from '../../core/events/hop.ts';
import { thingIn } from '../../core/gs1/identifier-forms.ts';
import type { Step } from '../../core/life/history.ts';
import { always, type Making } from '../../core/orders/descent.ts';
import { askedHands, isDownstream, isInScope, type Subject, sincePutIn } from '../../core/orders/order.ts';
import { fateOf, type HeldAs } from '../../core/orders/order-effect.ts';
import { pieces } from '../../core/quantity.ts';
import { epcTexts, loadLotWide } from '../events/chains.ts';
import { loadIssued } from '../events/context.ts';
import { timesOf } from '../findings/filing.ts';
import { breathing } from '../in-turns.ts';
import { cohortChains, unitCohorts } from '../tracing/cohorts.ts';
import { stationsIn } from '../tracing/names.ts';
import { historiesOf, lotsOf } from '../units/histories.ts';
import { askedOf, cameTo, type KnownThing, visitsOf, whereaboutsBy } from './asked.ts';
import type { EffectiveOrder } from './effective.ts';
import { enrolMeasured } from './enrol-measured.ts';
import { type Batch, believedAmong, type Derived, type EnrolDeps, type Enrolled } from './enrolment.ts';

/** Steps of histories gone through before other requests get their turn. */
const stepsAtOnce = 4_000;
const onePiece = 1_000_000n;

export async function enrol(
  deps: EnrolDeps,
  order: EffectiveOrder,
  numbers: readonly number[],
  { before, derived }: { readonly before: number; readonly derived: Derived },
): Promise<Enrolled[]> {
  const { sql } = deps;
  const texts = await epcTexts(sql, numbers);
  const kinds = { unit: [] as number[], lot: [] as number[], container: [] as number[] };
  for (const [number, epc] of texts) {
    const kind = thingIn(epc);
    if (kind !== null) kinds[kind].push(number);
  }
  await deps.masters.catchUp();
  return [
    ...(await enrolCounted(deps, order, { numbers: kinds.unit, type: 'unit', texts, before, derived })),
    ...(await enrolCounted(deps, order, {
      numbers: kinds.container,
      type: 'container',
      texts,
      before,
      derived,
    })),
    ...(await enrolMeasured(deps, order, { numbers: kinds.lot, texts, before, derived })),
  ];
}

/** Units and containers: each is one piece in one pair of hands. Containers are told of, and do not count as pieces. */
async function enrolCounted(
  deps: EnrolDeps,
  order: EffectiveOrder,
  batch: Batch & { readonly type: 'unit' | 'container' },
): Promise<Enrolled[]> {
  const { numbers, type, texts, before, derived } = batch;
  if (numbers.length === 0) return [];
  const { sql, masters } = deps;
  const cohorts = await unitCohorts(sql, numbers, before);
  const standing = cohorts.map(({ unit }) => unit);
  const [issued, chains] = await Promise.all([loadIssued(sql, standing), cohortChains(sql, cohorts, before)]);
  const [lotWide, times] = await Promise.all([
    loadLotWide(sql, lotsOf(issued), before),
    timesOf(sql, new Set([...issued.values()].map(({ seq }) => seq))),
  ]);
  const loaded = historiesOf(chains, lotWide, issued, masters, before);
  const makers = [...issued.values()].flatMap(({ issuer }) => issuer ?? []);
  const stations = stationsIn([...chains.values()].flat());
  const names = await deps.names({ ...stations, parties: [...stations.parties, ...makers] });
  const asOf = deps.now();
  const looked: {
    asked: ReturnType<typeof askedOf>;
    known: KnownThing;
    own: readonly Step[];
    units: readonly number[];
    held: HeldAs;
  }[] = [];
  const breathe = breathing(stepsAtOnce);
  for (const { unit, units } of cohorts) {
    const life = loaded.lifeOf(unit, asOf);
    const of = issued.get(unit);
    const known: KnownThing = {
      unit,
      epc: texts.get(unit) ?? never(),
      type,
      gtin: of?.gtin ?? null,
      lot: of?.lot ?? null,
      maker: of?.issuer ?? null,
      issuedAt: of === undefined ? null : (times.get(of.seq) ?? null),
      life,
      steps: loaded.histories.concerning(unit),
    };
    looked.push({
      asked: askedOf(known, whereaboutsBy(names)),
      known,
      own: loaded.histories.own(unit),
      units,
      held: fateOf(life, known.maker),
    });
    await breathe(1 + known.steps.length);
  }
  const containers = await epcTexts(
    sql,
    looked.flatMap(({ asked }) => asked.containers),
  );
  return looked.flatMap(({ asked, known, own, units, held }): Enrolled[] => {
    const around = asked.containers.flatMap((container) => containers.get(container) ?? []);
    const shared = { ...asked, ...asked.where(), containers: around };
    const visits = visitsOf(known.life.claims, known.steps);
    return units.flatMap((unit): Enrolled[] => {
      const subject = { ...shared, epc: texts.get(unit) ?? never(), visits };
      const makings = believedAmong(derived.get(unit), own, known.life.claims);
      const since = underSince(order, subject, makings, (party) =>
        cameTo(party, known.life.claims, known.steps),
      );
      return since === null
        ? []
        : [{ unit, i: 0, since, ...held, uom: pieces, amount: type === 'unit' ? onePiece : 0n }];
    });
  });
}

/**
 * Since when it is under the order, by itself or by one of the makings that made it of what is; null where it is not. Findings
 * say the same (findings/standing-orders.ts).
 */
function underSince(
  order: EffectiveOrder,
  subject: Subject & { readonly visits: ReturnType<typeof visitsOf> },
  makings: readonly Making[],
  cameTo: (party: PartyId) => number | null,
): number | null {
  const { downstream } = order.scope;
  const made = makings.flatMap(({ putIn }) => {
    if (putIn === null) return isInScope(order, subject, true) ? [always.from] : [];
    return isInScope(order, sincePutIn(putIn, subject), true) ? [putIn] : [];
  });
  const party = askedHands(order.scope);
  const own = isInScope(order, subject, downstream !== undefined && isDownstream(downstream, subject))
    ? [(party === null ? null : cameTo(party)) ?? always.from]
    : [];
  const all = [...own, ...made];
  return all.length === 0 ? null : Math.min(...all);
}

function never(): never {
  throw new Error('a number has no identifier');
}
