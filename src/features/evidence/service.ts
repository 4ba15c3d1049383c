/**
 * Makes evidence (core/evidence.ts): gathers what the reader may see of the things, proves every entry under one
 * checkpoint that covers them all, hides the rest, and signs the file as it goes out.
 */
import { hash } from 'node:crypto';
import { canonical, type JsonObject } from '../../core/canonical.ts';
import { parseCode, toCompactJws } from '../../core/code.ts';
import { base64url, formatAt, originHash } from '../../core/entry.ts';
import {
  type EvidenceBody,
  formatBody,
  formatEvidence,
  type ProvenEntry,
  statementSigningInput,
  type ToldChain,
} from '../../core/evidence.ts';
import { hideFact } from '../../core/evidence-hide.ts';
import type { Epc } from '../../core/hop.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { SignedCheckpoint } from '../../ledger/checkpoints.ts';
import { issuedUnits } from '../codes/issued.ts';
import { printableBy } from '../codes/rights.ts';
import { signCodes } from '../codes/sign-codes.ts';
import type { FeatureDeps } from '../feature.ts';
import { findingsOf } from '../findings/queries.ts';
import { serviceKey } from '../keys/service-keys.ts';
import { inclusions } from '../log/public-log.ts';
import {
  type ChainRow,
  chainRows,
  gtinEntries,
  keyEntries,
  nameEntries,
  type StoredFact,
  storedFacts,
} from './queries.ts';
import { rememberedList } from './salted-lists.ts';
import { type Candidate, choose, type Withholding } from './selection.ts';
import { type Gathered, gather } from './subjects.ts';

export type { Withholding } from './selection.ts';

/** Links of one chain that are told. */
const linksMax = 10_000;
/** How long to wait for a checkpoint over what was recorded a moment ago, ms: one follows within two seconds. */
const coveringMs = 4_000;

export interface EvidenceRequest {
  readonly epcs: readonly Epc[];
  readonly withholding: Withholding;
  readonly route: string;
}

/** The file, as its text. Refuses `unknown-unit`, `forbidden`, `not-published`. */
export async function makeEvidence(
  deps: FeatureDeps,
  caller: Caller,
  request: EvidenceRequest,
): Promise<string> {
  const { withholding, epcs, route } = request;
  const { sql } = deps.lookups;
  const gathered = await gather(deps, caller, epcs, route, !withholding.members.has('parentID'));
  const [rows, issued, findings, kid] = await Promise.all([
    chainRows(
      sql,
      gathered.chains.map(({ unit }) => unit),
      linksMax,
    ),
    issuedUnits(sql, gathered.about),
    findingsOf(sql, gathered.units),
    serviceKey(deps, 'receipt'),
  ]);
  const chains = chainsOf(gathered, rows);
  const gtins = gathered.about.flatMap((epc) => (epc.startsWith('01/') ? [epc.slice(3, 17)] : []));
  const printable = await printableBy(sql, caller, [...issued.values()]);
  const [masters, keys, codes] = await Promise.all([
    gtinEntries(sql, gtins),
    keyEntries(sql, [kid, ...printable.map((it) => it.kid)], ['checkpoint']),
    signCodes(deps, printable),
  ]);
  const seqs = new Set([
    0,
    ...keys,
    ...masters,
    ...chains.flatMap((chain) => chain.seqs),
    ...gathered.sights.keys(),
    ...findings.flatMap(({ one, other }) => [one, other]),
  ]);
  const kept = new Set<string>([...gathered.about, ...chains.map(({ epc }) => epc)]);
  const shown = show(await storedFacts(sql, seqs), gathered, withholding, kept);
  const signers = shown.flatMap(({ told: { claimKey } }) => (typeof claimKey === 'string' ? [claimKey] : []));
  const more = [...(await nameEntries(sql, idsIn(shown))), ...(await keyEntries(sql, signers, []))];
  const mentioned = await storedFacts(
    sql,
    more.filter((seq) => !seqs.has(seq)),
  );
  const all = [...shown, ...show(mentioned, gathered, withholding, kept)].sort(
    (a, b) => a.row.seq - b.row.seq,
  );
  const checkpoint = await covering(deps, all.at(-1)?.row.seq ?? 0);
  const proofs = await inclusions(
    deps,
    all.map(({ row }) => row.seq),
    checkpoint.size,
  );
  const body: EvidenceBody = {
    about: gathered.about,
    chains,
    checkpoint: checkpoint.note,
    codes: codes.flatMap(({ code }) => (code === null ? [] : [jwsOf(code)])),
    entries: all.map((it, i) => ({
      ...provenEntry(it, deps.genesis.origin),
      path: (proofs[i]?.hashes ?? []).map(base64url),
    })),
    findings: findings.map(({ epc, rule, one, other, opened, closed }) => ({
      closed,
      entries: one === other ? [one] : [one, other],
      epc,
      opened,
      rule,
    })),
  };
  return formatEvidence({ ...body, statement: await sign(deps, kid, body) });
}

function chainsOf({ chains }: Gathered, rows: readonly ChainRow[]): ToldChain[] {
  return chains.flatMap(({ unit, epc, until }) => {
    const own = rows.filter((row) => row.unit === unit && row.seq <= until);
    const last = own.at(-1);
    return last === undefined ? [] : [{ epc, link: base64url(last.link), seqs: own.map(({ seq }) => seq) }];
  });
}

interface Shown {
  readonly row: StoredFact;
  readonly fact: ProvenEntry['fact'] | null;
  /** What is shown of it, for looking up the names that it mentions. */
  readonly told: JsonObject;
}

/** Facts with what is shown of each. Events that are shown whole are known first: their eventIDs may be told. */
function show(
  rows: readonly StoredFact[],
  { sights, issueSight }: Gathered,
  withholding: Withholding,
  kept: ReadonlySet<string>,
): Shown[] {
  const candidates = rows.map((row): readonly [StoredFact, Candidate] => {
    const { payload: fact } = row;
    const gtin = typeof fact.gtin === 'string' ? fact.gtin : null;
    const issue = fact.kind === 'issue' ? issueSight(String(fact.by), gtin) : 'hidden';
    return [row, { fact, sight: sights.get(row.seq) ?? 'hidden', issue }];
  });
  const openIds = new Set(
    candidates.flatMap(([, it]) => {
      const { eventID } = it.fact;
      return typeof eventID === 'string' &&
        choose(it, withholding, kept, new Set([eventID]))?.member('eventID')
        ? [eventID]
        : [];
    }),
  );
  return candidates.map(([row, candidate]) => {
    const chosen = choose(candidate, withholding, kept, openIds);
    if (chosen === null) return { row, fact: null, told: {} };
    const members = Object.entries(candidate.fact).filter(([name]) => chosen.member(name));
    return {
      row,
      fact: hideFact(candidate.fact, row.salt, row.personal, chosen, rememberedList),
      told: Object.fromEntries(members),
    };
  });
}

/** Ids of parties and places that what is shown mentions. */
function idsIn(shown: readonly Shown[]): string[] {
  const text = canonical(shown.map(({ told: { epcList, childEPCs, epcs, ...told } }) => told));
  const ids = text.matchAll(/(?:place\/)?\b[0-9A-HJKMNP-TV-Z]{16}\b|414\/\d{13}(?:\/254\/[^"/]+)?/g);
  return [...new Set([...ids].map(([id]) => id))];
}

function provenEntry({ row, fact }: Shown, origin: string): Omit<ProvenEntry, 'path'> {
  const { seq, at, digest, prev } = row;
  const entry = {
    at: formatAt(at),
    digest: base64url(digest),
    prev: base64url(prev ?? originHash(origin)),
    seq,
    v: 1,
  } as const;
  return fact === null || fact === undefined ? { entry } : { entry, fact };
}

async function covering({ checkpoints }: FeatureDeps, seq: number): Promise<SignedCheckpoint> {
  const found = await checkpoints.covering(seq, coveringMs);
  if (found !== null) return found;
  throw new Refusal('not-published', `No checkpoint covers entry ${seq} yet; ask again in a few seconds.`);
}

function jwsOf(code: string): string {
  const parsed = parseCode(code);
  if (!parsed.ok || parsed.value.signed === null) throw new Error('a code of ours cannot be read');
  return toCompactJws({ epc: parsed.value.epc, ...parsed.value.signed });
}

async function sign(deps: FeatureDeps, kid: string, body: EvidenceBody): Promise<string> {
  const digest = hash('sha256', formatBody(body), 'base64url');
  const input = statementSigningInput({ kid, digest, iat: Math.floor(deps.now() / 1000) });
  return `${input}.${base64url(await deps.keystore.sign(kid, input))}`;
}
