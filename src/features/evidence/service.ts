/**
 * Makes evidence (core/evidence/evidence.ts): gathers what the reader may see of the things, proves every entry under one
 * checkpoint that covers them all, hides the rest, and signs the file as it goes out.
 */

import { hash } from 'node:crypto';
import { parseCode, toCompactJws } from '../../core/codes/code.ts';
import type { Epc } from '../../core/events/hop.ts';
import {
  type EvidenceBody,
  formatBody,
  formatEvidence,
  statementSigningInput,
  type ToldChain,
} from '../../core/evidence/evidence.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import { base64url } from '../../core/log/entry.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { issuedUnits } from '../codes/issued.ts';
import { printableBy } from '../codes/rights.ts';
import { signCodes } from '../codes/sign-codes.ts';
import { unitNumbers } from '../events/chains.ts';
import type { FeatureDeps } from '../feature.ts';
import { findingsOf } from '../findings/queries.ts';
import { serviceKey } from '../keys/service-keys.ts';
import { checkpointSoonOver, inclusions } from '../log/public-log.ts';
import { unknownThing } from '../units/subject.ts';
import { headsOver, proveWhole, type ReadChain } from './completeness.ts';
import {
  chainRows,
  delegationEntries,
  gtinEntries,
  keyEntries,
  nameEntries,
  storedFacts,
} from './queries.ts';
import type { Withholding } from './selection.ts';
import { idsIn, provenEntry, show } from './showing.ts';
import { gather } from './subjects.ts';

export type { Withholding } from './selection.ts';

/** Entries in one file: with what they say and their proofs some 40 MB. */
const entriesMax = 15_000;

export interface EvidenceRequest {
  readonly epcs: readonly Epc[];
  readonly withholding: Withholding;
  readonly route: string;
}

/**
 * The file, as its text. What no entry names is proven absent. Refuses `unknown-unit` before the log can prove that,
 * `forbidden`, `not-published`, and `too-many-epcs` what would take more entries than one file holds.
 */
export async function makeEvidence(
  deps: FeatureDeps,
  caller: Caller,
  request: EvidenceRequest,
): Promise<string> {
  const { withholding, route } = request;
  const { sql } = deps.lookups;
  const about = [...new Set(request.epcs)].sort();
  const named = await unitNumbers(sql, about);
  const [known, absent] = [about.filter((epc) => named.has(epc)), about.filter((epc) => !named.has(epc))];
  const gathered = await gather(deps, caller, known, route, !withholding.members.has('parentID'));
  // Before the chains: those are then as long at least as it says.
  const heads = await headsOver(sql, [...absent, ...gathered.chains.map(({ epc }) => epc)]);
  const [missing] = absent;
  if (heads === null && missing !== undefined) throw unknownThing(missing);
  const [rows, issued, findings, kid] = await Promise.all([
    chainRows(
      sql,
      gathered.chains.map(({ unit }) => unit),
    ),
    issuedUnits(sql, known),
    findingsOf(sql, gathered.units),
    serviceKey(deps, 'receipt'),
  ]);
  const chains = gathered.chains.map((chain) => ({ ...chain, rows: rows.get(chain.unit) ?? [] }));
  const told = chains.flatMap(tellChain);
  const gtins = about.flatMap((epc) => (epc.startsWith('01/') ? [gtinIn(epc)] : []));
  const printable = await printableBy(sql, caller, [...issued.values()]);
  const [masters, keys, rights, codes] = await Promise.all([
    gtinEntries(sql, gtins),
    keyEntries(sql, [kid, ...new Set(printable.map((it) => it.kid))], ['checkpoint']),
    delegationEntries(sql, printable),
    signCodes(deps, printable),
  ]);
  const seqs = new Set([
    0,
    ...keys,
    ...masters,
    ...rights,
    ...(heads === null ? [] : [heads.seq]),
    ...told.flatMap((chain) => chain.seqs),
    ...gathered.sights.keys(),
    ...findings.flatMap(({ one, other, made }) => [one, other, made ?? one]),
  ]);
  const showing = { gathered, withholding, kept: new Set<string>([...about, ...told.map(({ epc }) => epc)]) };
  if (seqs.size > entriesMax) throw tooMany(seqs.size);
  const shown = await show(await storedFacts(sql, seqs), showing);
  const signers = shown.flatMap(({ told: { claimKey } }) => (typeof claimKey === 'string' ? [claimKey] : []));
  const more = [...(await nameEntries(sql, idsIn(shown))), ...(await keyEntries(sql, signers, []))];
  const mentioned = await storedFacts(
    sql,
    more.filter((seq) => !seqs.has(seq)),
  );
  const all = [...shown, ...(await show(mentioned, showing))].sort((a, b) => a.row.seq - b.row.seq);
  const checkpoint = await checkpointSoonOver(deps, all.at(-1)?.row.seq ?? 0);
  const proofs = await inclusions(
    deps,
    all.map(({ row }) => row.seq),
    checkpoint.size,
  );
  const salts = new Map(all.map(({ row: { seq, salt } }) => [seq, salt]));
  const body: EvidenceBody = {
    about,
    chains: told,
    checkpoint: checkpoint.note,
    codes: codes.flatMap(({ code }) => (code === null ? [] : [jwsOf(code)])),
    entries: all.map((it, i) => ({
      ...provenEntry(it, deps.genesis.origin),
      path: (proofs[i]?.hashes ?? []).map(base64url),
    })),
    findings: findings.map(({ epc, rule, one, other, made, opened, closed }) => ({
      closed,
      entries: [...new Set([one, other, made ?? other])],
      epc,
      opened,
      rule,
    })),
    ...(heads === null ? {} : { heads: proveWhole(heads, chains, salts, absent) }),
  };
  return formatEvidence({ ...body, statement: await sign(deps, kid, body) });
}

const tooMany = (entries: number): Refusal =>
  new Refusal(
    'too-many-epcs',
    `That would take ${entries} entries and a file holds ${entriesMax}; ask for fewer things at a time by \`epcs\`.`,
  );

/** The part of a chain that is told; none of one whose entries all came later than what matters of it. */
function tellChain({ epc, until, rows }: ReadChain): ToldChain[] {
  const own = rows.filter(({ seq }) => seq <= until);
  const last = own.at(-1);
  return last === undefined ? [] : [{ epc, link: base64url(last.link), seqs: own.map(({ seq }) => seq) }];
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
