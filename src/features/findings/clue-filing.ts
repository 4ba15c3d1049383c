/** Files what is found in clues: each finding in the case it belongs to, until an officer decides it. */
import { append } from '../../core/grouping.ts';
import { caseId } from '../../core/rules/case.ts';
import type { RuleName } from '../../core/rules/catalogue.ts';
import type { ClueFound } from '../../core/rules/clues.ts';
import type { Sql } from '../../database/connection.ts';
import { newestRegions } from '../events/involved.ts';
import {
  type ClueCase,
  type ClueSubject,
  clueKey,
  type KnownFinding,
  openClueCases,
  type WrittenFinding,
  writeCases,
  writeFindings,
  writeLinks,
} from './clue-queries.ts';
import type { Docket } from './docket.ts';

/** What was found, about what, and whose affair it is. */
export interface Finding {
  /** Canonical identifier. */
  readonly thing: string;
  readonly found: ClueFound<RuleName>;
  readonly subject: ClueSubject;
  /** Told of its goods; empty when it is not to be, or nobody is known. */
  readonly maker: string;
}

export interface Filing {
  readonly findings: readonly Finding[];
  /** What is known already of the same things by the same rules. */
  readonly known: readonly KnownFinding[];
  readonly docket: Docket;
  /** ms since the epoch. */
  readonly at: number;
  /** What findings rest on is deleted in time, so that one found again only grows. */
  readonly growing: boolean;
}

/** Tells findings of one rule about one thing, or product in a district, from others. */
export const findingKey = ({
  thing,
  rule,
  district,
}: Readonly<Record<'thing' | 'rule' | 'district', string>>): string => `${rule} ${thing} ${district}`;

/** The same of what was found now. */
export const keyOfFound = ({ thing, subject: { rule, district } }: Finding): string =>
  findingKey({ thing, rule, district });

/** Writes what was found into the case it belongs to. What was decided is found again only by later clues. */
export async function file(sql: Sql, { findings, known, docket, at, growing }: Filing): Promise<void> {
  const of = new Map<string, KnownFinding[]>();
  for (const it of known) append(of, findingKey(it), it);
  const before = (it: Finding) => of.get(keyOfFound(it)) ?? [];
  const news = findings.filter((it) =>
    before(it).every(({ decidedAt }) => decidedAt === null || decidedAt < it.found.last),
  );
  const [open, regions] = await Promise.all([
    openClueCases(
      sql,
      news.map(({ subject }) => subject),
    ),
    newestRegions(
      sql,
      news.flatMap(({ subject, maker }) => [subject.party, maker]),
    ),
  ]);
  const cases: ClueCase[] = [];
  const links: (readonly [string, 'party' | 'region', string])[] = [];
  const rows = news.map((it): WrittenFinding => {
    const { thing, found, subject, maker } = it;
    const undecided = before(it).find(({ decidedAt }) => decidedAt === null)?.caseId;
    let id = undecided ?? open.get(clueKey(subject));
    if (id === undefined) {
      const { district } = subject;
      id = caseId(subject, at, district);
      open.set(clueKey(subject), id);
      const watch = docket.isWatched(subject.rule, Number.POSITIVE_INFINITY);
      const region = district === '' ? (regions.get(subject.party) ?? '') : district;
      const makerRegion = regions.get(maker) ?? '';
      cases.push({ ...subject, id, maker, region, makerRegion, openedAt: at, watch });
    }
    for (const party of [subject.party, maker]) {
      const region = regions.get(party);
      if (party !== '') links.push([id, 'party', party]);
      if (region !== undefined) links.push([id, 'region', region]);
    }
    const regionsOfClues = subject.district === '' ? found.regions : [...found.regions, subject.district];
    for (const region of regionsOfClues) links.push([id, 'region', region]);
    return { thing, caseId: id, at, ...found };
  });
  await writeCases(sql, cases);
  await writeFindings(sql, rows, growing);
  await writeLinks(sql, links);
}
