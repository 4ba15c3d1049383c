/** Who may ask for, decide and end a mandate (core/mandate.ts says what for). */
import type { PartyId } from '../../core/events/hop.ts';
import { formatProduct } from '../../core/gs1/identifier-forms.ts';
import { parseGtin, parseIdentifier } from '../../core/gs1/identifiers.ts';
import type { MandateDecisionFact, MandateEndFact, MandateFact } from '../../core/log/fact.ts';
import { comparedName, validityMax } from '../../core/mandate.ts';
import { parsePartyId } from '../../core/opaque-id.ts';
import { parseEventTime } from '../../core/time.ts';
import { fault, ok, Refusal, type Result, refusalAt, required } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { Draft } from '../../ledger/submission.ts';
import { standingOfClients } from '../access/queries.ts';
import { readerOf } from '../access/reader.ts';
import { createFaults } from '../events/faults.ts';
import type { FeatureDeps } from '../feature.ts';
import { newId } from '../new-id.ts';
import { partiesById } from '../parties/queries.ts';
import { mandateState, type StandingMandate } from './queries.ts';
import type { ApprovalBody, EndBody, MandateBody, MandateView } from './schemas.ts';

type Needs = Pick<FeatureDeps, 'db' | 'genesis' | 'now'>;

/** The fact of a new mandate, asked for by the caller. */
export async function newMandate(
  deps: Needs,
  body: MandateBody,
  by: Caller,
): Promise<Draft & { readonly fact: MandateFact }> {
  const officer = nameOf(body.officer);
  const scope = await scopeOf(deps, body.scope);
  const until = untilOf(body.until, deps.now());
  const { jurisdiction } = await readerOf(deps.db.sql, by);
  if (jurisdiction === null)
    throw new Refusal('forbidden', 'You are registered without a jurisdiction; ask the operator to add it.');
  await requireIssued(deps, [by.client]);
  return {
    fact: {
      kind: 'mandate',
      by: by.party,
      id: newId(),
      client: by.client,
      number: body.number.trim(),
      ground: body.ground.trim(),
      ...scope,
      until: new Date(until).toISOString(),
    },
    private: { officer },
  };
}

async function scopeOf(
  { db }: Needs,
  { goods = [], parties = [] }: MandateBody['scope'],
): Promise<Pick<MandateFact, 'goods' | 'parties'>> {
  if (goods.length + parties.length === 0)
    throw refusalAt('/scope', 'invalid-request', 'Name goods or parties: a mandate over all is none.');
  const faults = createFaults();
  const named = goods.flatMap((text, i) => faults.take(`/scope/goods/${i}`, goodsOf(text)) ?? []);
  const ids = parties.map((text, i) => faults.take(`/scope/parties/${i}`, parsePartyId(text)));
  const known = await partiesById(
    db.sql,
    ids.filter((it) => it !== null),
  );
  const found = ids.flatMap((it, i): PartyId[] => {
    if (it === null) return [];
    if (known.has(it)) return [it];
    faults.add(`/scope/parties/${i}`, {
      code: 'unknown-party',
      detail: `There is no party ${it}; look it up by GET /v1/parties.`,
    });
    return [];
  });
  faults.refuse();
  return { goods: [...new Set(named)].sort(), parties: [...new Set(found)].sort() };
}

/** A product is mostly named by the digits of its GTIN alone. */
function goodsOf(text: string): Result<string> {
  const digits = text.trim();
  if (/^\d{8,14}$/.test(digits)) {
    const gtin = parseGtin(digits);
    return gtin.ok ? ok(formatProduct(gtin.value)) : gtin;
  }
  const parsed = parseIdentifier(text);
  if (!parsed.ok) return parsed;
  const { type, epc } = parsed.value;
  switch (type) {
    case 'unit':
    case 'lot':
    case 'container':
    case 'product':
      return ok(epc);
    case 'place':
    case 'party':
      return fault(
        'invalid-identifier',
        'Name units, lots, containers or products here; parties by their ids.',
      );
  }
}

function untilOf(text: string, now: number): number {
  const { until } = required(parseEventTime(text), '/until');
  if (until <= now) throw refusalAt('/until', 'invalid-time', 'Name a moment to come.');
  if (until > now + validityMax)
    throw refusalAt(
      '/until',
      'invalid-time',
      'A mandate holds for at most 180 days; ask for another one when it ends.',
    );
  return until;
}

/** A second officer's decision. Two at once end in one: the log takes one a mandate. */
export async function newDecision(
  deps: Needs,
  mandate: StandingMandate,
  body: ApprovalBody,
  by: Caller,
): Promise<Draft & { readonly fact: MandateDecisionFact }> {
  const officer = nameOf(body.officer);
  const state = mandateState(mandate, deps.now());
  if (state !== 'asked')
    throw new Refusal('state-conflict', `The mandate is ${state} already; ask for another one.`);
  if (mandate.officer === null)
    throw new Refusal(
      'state-conflict',
      'The name of the officer who asked was erased, so nobody can tell that you are another; ask for another mandate.',
    );
  if (comparedName(mandate.officer) === comparedName(officer))
    throw refusalAt(
      '/officer',
      'second-officer-required',
      'The officer who asked does not decide; another one does.',
    );
  if (mandate.fact.client === by.client)
    throw new Refusal(
      'second-officer-required',
      'This was asked through the same API client; the second officer decides through their own, which the operator issues.',
    );
  await requireIssued(deps, [mandate.fact.client, by.client]);
  return {
    fact: {
      kind: 'mandate-decision',
      by: by.party,
      client: by.client,
      mandate: mandate.fact.id,
      outcome: body.outcome,
      ...reasonIn(body),
    },
    private: { officer },
  };
}

/** The end of a mandate that is asked for or in force; it only takes away, so anybody of the authority may. */
export function newEnd(
  deps: Needs,
  mandate: StandingMandate,
  body: EndBody,
  by: Caller,
): Draft & { readonly fact: MandateEndFact } {
  const officer = nameOf(body.officer);
  const state = mandateState(mandate, deps.now());
  if (state !== 'asked' && state !== 'approved')
    throw new Refusal('state-conflict', `The mandate is ${state} already.`);
  return {
    fact: {
      kind: 'mandate-end',
      by: by.party,
      client: by.client,
      mandate: mandate.fact.id,
      ...reasonIn(body),
    },
    private: { officer },
  };
}

const reasonIn = ({ reason }: { readonly reason?: string }) =>
  reason === undefined ? {} : { reason: reason.trim() };

function nameOf(text: string): string {
  if (comparedName(text) === '')
    throw refusalAt('/officer', 'invalid-request', 'Give the name of an officer.');
  return text.trim();
}

/**
 * Refuses clients that the operator did not issue, or that were revoked: a party makes clients for itself, and one officer
 * could be two by them.
 */
async function requireIssued({ db, genesis }: Needs, clients: readonly string[]): Promise<void> {
  const standing = await standingOfClients(db.sql, clients);
  const fits = clients.every((it) => {
    const client = standing.get(it);
    return client !== undefined && client.by === genesis.operator && !client.revoked;
  });
  if (!fits)
    throw new Refusal(
      'second-officer-required',
      'Mandates are asked for and decided through API clients that the operator issued, one an officer, and that were not revoked since; ask the operator for one.',
    );
}

/** A mandate as it is told; officers' names stay with the authority. */
export function mandateView(mandate: StandingMandate, reader: PartyId, now: number): MandateView {
  const { seq, at, fact, decision, end } = mandate;
  const named = (officer: string | null) => (fact.by === reader ? officer : null);
  const act = ({ seq, at, fact, officer }: NonNullable<typeof decision | typeof end>) => ({
    seq,
    at: new Date(at).toISOString(),
    client: fact.client,
    officer: named(officer),
    reason: fact.reason ?? null,
  });
  return {
    id: fact.id,
    seq,
    party: fact.by,
    state: mandateState(mandate, now),
    number: fact.number,
    ground: fact.ground,
    scope: { goods: [...fact.goods], parties: [...fact.parties] },
    until: fact.until,
    askedAt: new Date(at).toISOString(),
    client: fact.client,
    officer: named(mandate.officer),
    decision: decision && { outcome: decision.fact.outcome, ...act(decision) },
    end: end && { party: end.fact.by, ...act(end) },
  };
}
