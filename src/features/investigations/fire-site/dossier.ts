/**
 * What the record says of one thing at a site until a moment, claim by claim, each with the entries that it rests on: whose
 * code it bears, who made it, what certificate covered it and what that was worth on the days that count, who inspected it
 * and with what outcome, through whose hands it came, who put it where, who serviced it, what was due, what contradicts
 * what, and what nobody recorded. Claims are told whoever made them, of very many those that weigh most (choosing.ts); what
 * follows from all of them is a flag.
 */

import { endOf, monthsAfter } from '../../../core/china-dates.ts';
import type { PartyId, PlaceId } from '../../../core/events/hop.ts';
import { gtinIn } from '../../../core/gs1/identifier-forms.ts';
import { severities } from '../../../core/life/contradictions.ts';
import { isBirth, type Step } from '../../../core/life/history.ts';
import type { LifecycleState, Mark, Standing } from '../../../core/life/lifecycle-state.ts';
import { stageWords } from '../../../core/life/stage-words.ts';
import { isOfficial } from '../../../core/life/standing.ts';
import { formatGrains } from '../../../core/measures.ts';
import { expectedOf, storyOf } from '../../../core/tracing/gaps.ts';
import { wentInto } from '../../../core/tracing/trace-graph.ts';
import type { Bilingual } from '../../../web/words.ts';
import { type Certificate, factsOf } from '../../certificates/queries.ts';
import { certifiedOn, stateOn } from '../../certificates/validity.ts';
import type { Issued } from '../../events/context.ts';
import type { ToldFinding } from '../../findings/queries.ts';
import type { Product } from '../../products/queries.ts';
import { expectedSentence, gapSentence } from '../../tracing/gap-sentences.ts';
import type { Names } from '../../tracing/names.ts';
import { chosen } from './choosing.ts';
import type { PartUsed } from './queries.ts';
import { type ClaimKind, type Flag, toldMax } from './schemas.ts';
import { actSentence, certificateSentence, day, partSentence } from './words.ts';

/** A thing with all that is loaded of it. */
export interface Thing {
  /** Everything that reaches it until the moment, in order. */
  readonly history: readonly Step[];
  /** In what quality the recorder of an entry spoke of it. */
  standingIn(seq: number): Standing | undefined;
  readonly isUnit: boolean;
  readonly issued: Issued | null;
  readonly product: Product | null;
  readonly certificates: readonly Certificate[];
  /** Inspections of its lot until the moment, in order. */
  readonly lotTests: readonly Step[];
  /** As it stood at the moment; null for goods by measure, which have no single state. */
  readonly state: LifecycleState | null;
  readonly findings: readonly ToldFinding[];
  /** Of goods by measure: how much stands at the site. */
  readonly measured: {
    /** In grains (core/measures.ts). */
    readonly amount: bigint;
    readonly uom: string;
    readonly seqs: readonly number[];
  } | null;
}

export interface Telling {
  /** ms since the epoch. */
  readonly at: number;
  readonly names: Names;
  isStub(party: PartyId, recordedAt: number): boolean;
  /** What was put into things by an entry. */
  partsIn(seq: number): readonly PartUsed[];
}

/** A claim before it is numbered. */
export interface Said extends Bilingual {
  readonly kind: ClaimKind;
  readonly seqs: readonly number[];
}

export interface Dossier {
  readonly claims: readonly Said[];
  /** How many there are with those that are not told. */
  readonly inAll: number;
  readonly flags: readonly Flag[];
}

/** A thing with those steps of its history that are told. */
interface Chosen extends Thing {
  readonly told: readonly Step[];
}

export function dossierOf(asked: Thing, telling: Telling): Dossier {
  const thing = { ...asked, told: toldOf(asked) };
  const birth = thing.history.find((s) => s.depth === 0 && isBirth(s.hop, s.position)) ?? null;
  const parts = [
    codeOf(thing, telling),
    actsOf(thing, telling, 'made'),
    certified(thing, birth, telling),
    actsOf(thing, telling, 'inspection'),
    lotTested(thing, telling),
    handedOver(thing, telling),
    actsOf(thing, telling, 'installed'),
    actsOf(thing, telling, 'service'),
    stateOf(thing, telling),
    dueOf(thing, telling),
    findingsIn(thing),
    missingIn(thing, telling),
  ];
  return {
    claims: parts.flatMap(({ claims }) => claims),
    inAll: parts.reduce((sum, { inAll }) => sum + inAll, 0),
    flags: [...(birth === null ? (['not-produced'] as const) : []), ...parts.flatMap((part) => part.flags)],
  };
}

/** By those whose word counts first, and of each party its newest act of each kind first. */
const toldOf = ({ history, standingIn }: Thing): readonly Step[] =>
  chosen(history, toldMax, {
    weight: ({ hop }) => ((standingIn(hop.seq) ?? 'stranger') === 'stranger' ? 1 : 0),
    teller: ({ hop }) => `${hop.recorder}/${hop.hop}`,
  });

const nothing: Dossier = { claims: [], inAll: 0, flags: [] };
const told = (
  kind: ClaimKind,
  words: Bilingual,
  seqs: readonly number[],
  flags: readonly Flag[] = [],
): Dossier => ({
  claims: [{ kind, zh: words.zh, en: words.en, seqs }],
  inAll: 1,
  flags,
});

const nameOf = (names: Names, party: PartyId): Bilingual => {
  const { name, nameEn } = names.party(party);
  return { zh: name, en: nameEn ?? name };
};
const placeName = (names: Names, place: PlaceId | null): string | null =>
  place === null ? null : (names.place(place).name ?? place);

function codeOf({ issued, product, isUnit }: Thing, { names }: Telling): Dossier {
  if (issued === null)
    return isUnit
      ? told('code', { zh: '账本中没有该码的发行记录。', en: 'No entry issues its code.' }, [])
      : nothing;
  const owner = issued.issuer === null ? null : nameOf(names, issued.issuer);
  const model = product?.fact.model;
  const words = {
    zh: `码由${owner?.zh ?? '未核准的主体'}名下发行${model === undefined ? '' : `，型号 ${model}`}。`,
    en: `Its code was issued under ${owner?.en ?? 'nobody vetted'}${model === undefined ? '' : `, model ${model}`}.`,
  };
  return told('code', words, product === null ? [issued.seq] : [issued.seq, product.seq]);
}

/** What kind of claim a step is; null for what is told as a hand-over or says nothing here. */
function kindOf(s: Step): 'made' | 'inspection' | 'installed' | 'service' | null {
  if (s.depth === 0 && isBirth(s.hop, s.position)) return 'made';
  switch (s.hop.hop) {
    case 'release':
    case 'inspect':
    case 'hold':
    case 'seize':
    case 'lift':
      return 'inspection';
    case 'install':
    case 'remove':
    case 'replace':
      return 'installed';
    case 'maintain':
    case 'refill':
    case 'scrap':
    case 'destroy':
      return 'service';
    default:
      return null;
  }
}

function actsOf({ history, told }: Chosen, { names, partsIn }: Telling, kind: ClaimKind): Dossier {
  const isOfKind = (s: Step): boolean => kindOf(s) === kind;
  const claims = told.filter(isOfKind).map((s): Said => {
    const { hop } = s;
    const act = actSentence(hop, nameOf(names, hop.recorder), placeName(names, hop.place));
    const parts = (wentInto(s) === null ? [] : partsIn(hop.seq)).map((part) => {
      const { name, owner } = names.product(gtinIn(part.epc));
      return partSentence(part, name, owner === null ? null : nameOf(names, owner));
    });
    const words = [act, ...parts];
    const [zh, en] = [words.map((it) => it.zh).join(''), words.map((it) => it.en).join(' ')];
    return { kind, zh, en, seqs: [hop.seq] };
  });
  return { claims, inAll: history.filter(isOfKind).length, flags: [] };
}

/** What was found of its lot: of the laboratory that tested it, and the regulator that sampled it, as of everybody else. */
function lotTested({ lotTests, standingIn }: Thing, { names }: Telling): Dossier {
  const told = chosen(lotTests, toldMax, {
    weight: ({ hop }) => (isOfficial(hop.as) ? 0 : standingIn(hop.seq) === undefined ? 2 : 1),
    teller: ({ hop }) => hop.recorder,
  });
  const claims = told.map(({ hop }): Said => {
    const { zh, en } = actSentence(hop, nameOf(names, hop.recorder), placeName(names, hop.place));
    return { kind: 'inspection', zh: `所属批次：${zh}`, en: `Its lot: ${en}`, seqs: [hop.seq] };
  });
  const last = lotTests.findLast(({ hop }) => isOfficial(hop.as) && hop.outcome !== null);
  const flags: Flag[] = last?.hop.outcome === 'non-conformant' ? ['non-conformant'] : [];
  return { claims, inAll: lotTests.length, flags };
}

function certified(
  { certificates, product, history, isUnit }: Thing,
  birth: Step | null,
  { at, names }: Telling,
): Dossier {
  if (product === null && !isUnit) return nothing;
  const installed = history.findLast(({ hop }) => hop.hop === 'install' || hop.hop === 'replace');
  const days = [
    ...(birth === null ? [] : [{ on: { zh: '生产日', en: 'when made' }, date: day(birth.at) }]),
    ...(installed === undefined
      ? []
      : [{ on: { zh: '安装日', en: 'when installed' }, date: day(installed.at) }]),
    { on: { zh: '查询日', en: 'on the day asked about' }, date: day(at) },
  ];
  const claims = certificates.map((versions): Said => {
    const [{ fact }] = versions;
    const facts = factsOf(versions);
    const states = days.map(({ on, date }) => ({ on, state: stateOn(facts, date) }));
    const words = certificateSentence(fact.number, nameOf(names, fact.issuer), states);
    return { kind: 'certificate', zh: words.zh, en: words.en, seqs: versions.map(({ seq }) => seq) };
  });
  const isCertified = certifiedOn(certificates.map(factsOf), birth === null ? null : day(birth.at));
  const flags: Flag[] = isCertified === false ? ['uncertified'] : [];
  return certificates.length > 0
    ? { claims, inAll: claims.length, flags }
    : told(
        'certificate',
        { zh: '没有登记覆盖该产品的认证证书。', en: 'No certificate that covers it is recorded.' },
        [],
        flags,
      );
}

function handedOver({ history, told }: Chosen, { names, isStub }: Telling): Dossier {
  const order = new Map(history.map(({ hop }, i) => [hop.seq, { i, until: hop.until }]));
  const seqsTold = new Set(told.map(({ hop }) => hop.seq));
  const { handOvers } = storyOf(history, false, isStub);
  const claims = handOvers
    .filter(({ seqs }) => seqs.some((seq) => seqsTold.has(seq)))
    .map((it) => ({ ...it, last: order.get(it.seqs.at(-1) ?? -1) }))
    .sort((a, b) => (a.last?.i ?? 0) - (b.last?.i ?? 0))
    .map(({ from, to, seqs, last }): Said => {
      const when = last === undefined ? '' : day(last.until);
      const [giver, taker] = [from, to].map((party) => (party === null ? null : nameOf(names, party)));
      return {
        kind: 'handed-over',
        zh: `${when}，由${giver?.zh ?? '某主体'}交给${taker?.zh ?? '未登记的买受方'}。`,
        en: `${when}: from ${giver?.en ?? 'somebody'} to ${taker?.en ?? 'a buyer who is not named'}.`,
        seqs,
      };
    });
  return { claims, inAll: handOvers.length, flags: [] };
}

function stateOf({ state, measured }: Thing, { at, names }: Telling): Dossier {
  if (measured !== null) {
    const words = {
      zh: `按安装与拆除记录，此处有 ${formatGrains(measured.amount, measured.uom)} ${measured.uom}。`,
      en: `By what was installed and removed, ${formatGrains(measured.amount, measured.uom)} ${measured.uom} are here.`,
    };
    return told('measure', words, measured.seqs);
  }
  if (state === null) return nothing;
  const stage = stageWords[state.stage];
  const holder = state.holder === null ? null : nameOf(names, state.holder);
  const blocked = state.blocks.length > 0;
  const words = {
    zh: `截至${day(at)}：${stage.zh}${holder === null ? '' : `，由${holder.zh}持有`}${blocked ? '，封存或扣押中' : ''}。`,
    en: `As of ${day(at)}: ${stage.en}${holder === null ? '' : `, held by ${holder.en}`}${blocked ? ', on hold or seized' : ''}.`,
  };
  const seqs = [state.since, state.ended?.seq ?? null, ...state.blocks.map(({ seq }) => seq)];
  return told(
    'state',
    words,
    [...new Set(seqs.filter((seq) => seq !== null))],
    [
      ...(state.nonconformant ? (['non-conformant'] as const) : []),
      ...(blocked ? (['blocked'] as const) : []),
      ...(state.stage === 'scrapped' || state.stage === 'destroyed' ? (['scrapped'] as const) : []),
    ],
  );
}

function dueOf({ state, product }: Thing, { at }: Telling): Dossier {
  if (state === null || state.ended !== null) return nothing;
  const found: Dossier[] = [];
  if (state.nextDue !== null && state.nextDue.at < at) {
    const due = day(state.nextDue.at);
    const words = {
      zh: `应于${due}前检修，截至${day(at)}没有相应记录。`,
      en: `Due for inspection or service by ${due}; none is recorded until ${day(at)}.`,
    };
    found.push(told('due', words, [state.nextDue.seq], ['overdue']));
  }
  const months = product?.fact.serviceLifeMonths;
  if (months !== undefined && state.produced !== null && product !== null)
    found.push(lifeOf(state.produced, months, product.seq, at));
  const claims = found.flatMap((it) => it.claims);
  return { claims, inAll: claims.length, flags: found.flatMap((it) => it.flags) };
}

/** Service life counts from the day of production, as the maker registered it. */
function lifeOf({ from, seq }: Mark, months: number, registered: number, at: number): Dossier {
  const last = monthsAfter(day(from), months);
  const isPast = endOf(last) < at;
  const words = {
    zh: `使用年限 ${months} 个月，至${last}${isPast ? '，已超过' : ''}。`,
    en: `Its service life of ${months} months ${isPast ? 'ended' : 'ends'} on ${last}.`,
  };
  return told('due', words, [seq, registered], isPast ? ['past-service-life'] : []);
}

/** The open ones first, by severity, and of each party and rule the newest. */
function findingsIn({ findings, history }: Thing): Dossier {
  const recorders = new Map(history.map(({ hop }) => [hop.seq, hop.recorder]));
  const told = chosen(findings, toldMax, {
    weight: ({ severity, closed }) =>
      severities.indexOf(severity) + (closed === null ? 0 : severities.length),
    teller: ({ rule, entries }) => `${recorders.get(entries.at(-1) ?? -1)}/${rule}`,
  });
  const claims = told.map(
    ({ zh, en, entries, made, closed }): Said => ({
      kind: 'finding',
      zh: closed === null ? zh : `${zh}（已由条目 #${closed} 消除）`,
      en: closed === null ? en : `${en} (explained by entry #${closed})`,
      seqs: [...new Set([...entries, ...[made, closed].filter((it) => it !== null)])],
    }),
  );
  const flags: Flag[] = findings.some(({ closed }) => closed === null) ? ['finding'] : [];
  return { claims, inAll: findings.length, flags };
}

function missingIn({ history, standingIn, issued, isUnit }: Thing, { names, isStub }: Telling): Dossier {
  const { gaps } = storyOf(history, isUnit, isStub);
  const recorders = new Map(history.map(({ hop }) => [hop.seq, hop.recorder]));
  const told = chosen(gaps, toldMax, {
    weight: ({ seq }) => (seq !== null && standingIn(seq) === 'stranger' ? 1 : 0),
    teller: ({ seq, kind }) => `${recorders.get(seq ?? -1)}/${kind}`,
  });
  const party = (id: PartyId | null) => (id === null ? null : names.party(id));
  const claims = told.map((gap): Said => {
    const [from, to] = [party(gap.from), party(gap.to)];
    const what = gapSentence(gap.kind, from, to);
    const expected = expectedOf(gap, issued?.issuer ?? null).map(({ hop, by }) =>
      expectedSentence(hop, { by: party(by), from, to }),
    );
    return {
      kind: 'missing',
      zh: [what, ...expected].map(({ zh }) => zh).join(''),
      en: [what, ...expected].map(({ en }) => en).join(' '),
      seqs: gap.seq === null ? [] : [gap.seq],
    };
  });
  const flags: Flag[] = gaps.some(({ kind }) => kind !== 'no-production') ? ['missing-record'] : [];
  return { claims, inAll: gaps.length, flags };
}
