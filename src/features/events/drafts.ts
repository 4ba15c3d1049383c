/**
 * From hops to the facts they become: names looked up, hops read, permission checked, events written. All that is
 * wrong is found here, before anything is recorded, and refused at once.
 */

import type { EventBody } from '../../core/events/epcis.ts';
import { isErrorDeclaration } from '../../core/events/event-record.ts';
import { hopToEvents } from '../../core/events/hop-event.ts';
import type { ResolvedHop } from '../../core/events/resolved-hop.ts';
import { parseIdentifier } from '../../core/gs1/identifiers.ts';
import type { JsonObject } from '../../core/text/canonical.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import type { Draft } from '../../ledger/submission.ts';
import type { FeatureDeps } from '../feature.ts';
import { checkedClaims } from './claims.ts';
import { eventFact, eventKey, keyCell, type SignedClaim } from './event-fact.ts';
import { createFaults, type Faults, pointerOf } from './faults.ts';
import type { Known } from './known.ts';
import { inForce, type Masters } from './masters.ts';
import { countThings, mentionsOf } from './mentions.ts';
import { findOriginals } from './originals.ts';
import { actOf, makingsOf, permit } from './permission.ts';
import { type Names, readHop } from './read-hop.ts';
import { epcsMax, type Hop } from './schemas.ts';

export interface DraftingDeps extends Pick<FeatureDeps, 'db' | 'genesis' | 'now'> {
  readonly known: Known;
  readonly masters: Masters;
}

/** An event of the request, by what makes it the same event. */
export interface NamedEvent {
  readonly eventID: string;
  readonly declaration: boolean;
  /** Index of its hop. */
  readonly hop: number;
}
export interface Drafted {
  readonly drafts: readonly Draft[];
  readonly events: readonly NamedEvent[];
}

/** The facts that a request becomes. Throws a `Refusal` with everything that is wrong. */
export async function draftsOf(deps: DraftingDeps, caller: Caller, hops: readonly Hop[]): Promise<Drafted> {
  refuseTooMany(hops);
  const faults = createFaults();
  const { names, newcomers } = await lookUp(deps, caller, hops);
  const reading = { caller, now: deps.now(), names, faults };
  const read = hops.map((hop, i) => readHop(hop, pointerOf(i), reading));
  const [permitted, claims] = await Promise.all([
    permitAll(deps, caller, read, faults),
    checkedClaims(deps.db.sql, caller, hops, faults),
  ]);
  const drafts: Draft[] = [...newcomers];
  const named: NamedEvent[] = [];
  const seen = new Set<string>();
  permitted.forEach((hop, i) => {
    if (hop === null) return;
    const events = hopToEvents(hop, deps.genesis.host);
    if (!events.ok) {
      faults.add(pointerOf(i) + (events.pointer ?? ''), events);
      return;
    }
    for (const [n, event] of events.value.entries()) {
      const declaration = isErrorDeclaration(event);
      if (seen.size === seen.add(declaration ? `declaration/${event.eventID}` : event.eventID).size)
        faults.add(pointerOf(i), twice);
      named.push({ eventID: event.eventID, declaration, hop: i });
      drafts.push(draftOf(caller, event, claims.get(i) ?? null, n === 0 ? privateOf(hops[i]) : undefined));
    }
  });
  if (faults.count > 0) await noteDuplicates(deps.db.sql, caller, named, faults);
  faults.refuse();
  return { drafts, events: named };
}

/** Notes which events of a request are recorded already, and where. One statement. */
export async function noteDuplicates(
  sql: Sql,
  { party }: Caller,
  events: readonly NamedEvent[],
  faults: Faults,
): Promise<void> {
  const keys = events.map(({ eventID, declaration }) => eventKey(party, eventID, declaration));
  const rows = await sql<{ key: string; seq: number }[]>`
    SELECT encode(id, 'hex') AS key, seq FROM event_ids WHERE id = ANY (${arrayLiteral(keys.map(keyCell))}::bytea[])`;
  const seqs = new Map(rows.map(({ key, seq }) => [key, seq]));
  for (const [i, { hop }] of events.entries()) {
    const seq = seqs.get(keys[i] ?? '');
    if (seq === undefined) continue;
    faults.add(pointerOf(hop), {
      code: 'duplicate-event',
      detail: `Entry ${seq} records this very event; if it happened twice, tell the two apart by \`ref\`.`,
    });
  }
}

const twice = {
  code: 'duplicate-event' as const,
  detail:
    'This is the same event as an earlier one of the request; if it happened twice, tell the two apart by `ref`.',
};

function draftOf(
  { party }: Caller,
  event: EventBody,
  signed: SignedClaim | null,
  personal: JsonObject | undefined,
): Draft {
  const fact = eventFact(party, event, signed);
  return personal === undefined ? { fact } : { fact, private: personal };
}

/** Personal data goes with the first event of its hop. The body was read as JSON. */
const privateOf = (hop: Hop | undefined): JsonObject | undefined =>
  hop !== undefined && 'private' in hop && hop.private !== undefined
    ? (hop.private as JsonObject)
    : undefined;

function refuseTooMany(hops: readonly Hop[]): void {
  const things = hops.reduce((sum, hop) => sum + countThings(hop), 0);
  if (things > epcsMax)
    throw new Refusal(
      'too-many-epcs',
      `The hops of a request name at most ${epcsMax} things together; these name ${things}. Split the request.`,
    );
}

/** Everything the hops name, looked up at once. */
async function lookUp(
  deps: DraftingDeps,
  caller: Caller,
  hops: readonly Hop[],
): Promise<{ names: Names; newcomers: readonly Draft[] }> {
  const { db, known, masters } = deps;
  const mentions = mentionsOf(hops);
  const [parties, places, originals, begun] = await Promise.all([
    known.parties(mentions.parties, caller.party),
    known.places(mentions.places),
    findOriginals(deps, caller, mentions.events),
    begunLots(db.sql, mentions.lots),
    masters.freshen(),
  ]);
  return {
    names: { parties: parties.found, places, originals, begun },
    newcomers: parties.drafts,
  };
}

/** Which lots have been made already, in part at least. Those that cannot be read are refused elsewhere. */
async function begunLots(sql: Sql, texts: readonly string[]): Promise<Set<string>> {
  const lots = texts.flatMap((text) => {
    const lot = parseIdentifier(text);
    return lot.ok ? [lot.value.epc] : [];
  });
  if (lots.length === 0) return new Set();
  const rows = await sql<{ epc: string }[]>`
    SELECT e.epc FROM unnest(${arrayLiteral([...new Set(lots)])}::text[]) AS asked (epc) JOIN epcs e USING (epc)
    WHERE EXISTS (SELECT FROM unit_chain c JOIN hops h USING (seq) WHERE c.unit = e.unit AND h.hop = 'produce')`;
  return new Set(rows.map(({ epc }) => epc));
}

/** The hops with the delegations they rest on; what may not be recorded is noted. */
async function permitAll(
  { known, masters }: DraftingDeps,
  { party }: Caller,
  hops: readonly (ResolvedHop | null)[],
  faults: Faults,
): Promise<readonly (ResolvedHop | null)[]> {
  const makings = hops.map((hop, i) => (hop === null ? [] : makingsOf(hop, pointerOf(i))));
  const gtins = new Set(makings.flatMap((list) => list.map(({ gtin }) => gtin)));
  const owners = await known.owners([...gtins]);
  const delegations = inForce(masters).filter(({ to }) => to === party);
  const grounds = { caller: party, owners, delegations };
  return hops.map((hop, i) => {
    if (hop === null) return null;
    const delegation = permit(actOf(hop), pointerOf(i), makings[i] ?? [], grounds, faults);
    return delegation === hop.delegation ? hop : { ...hop, delegation };
  });
}
