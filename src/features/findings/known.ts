/** What findings rest on beside the histories of things: kept in memory, as any prefix of the log has it. */
import type { Sql } from '../../database/connection.ts';
import { createMasters, type Masters } from '../events/masters.ts';
import { type Agents, createAgents } from './agents.ts';
import { type Atlas, createAtlas } from './atlas.ts';
import { createDocket, type Docket } from './docket.ts';
import { createFailures, type Failures } from './failures.ts';
import { createLists, type Lists } from './lists.ts';
import { createResults, type Results } from './results.ts';
import { createStandingOrders, type StandingOrders } from './standing-orders.ts';

export interface Known {
  readonly masters: Masters;
  readonly docket: Docket;
  readonly atlas: Atlas;
  readonly orders: StandingOrders;
  readonly lists: Lists;
  readonly failures: Failures;
  readonly results: Results;
  readonly agents: Agents;
}

export function knownTo(sql: Sql): Known {
  const [docket, atlas, failures] = [createDocket(sql), createAtlas(sql), createFailures(sql)];
  const masters = createMasters(sql);
  return {
    masters,
    docket,
    atlas,
    orders: createStandingOrders(sql),
    lists: createLists(sql),
    failures,
    results: createResults(sql, { docket, atlas, failures, masters }),
    agents: createAgents(sql, failures),
  };
}

/** Reads what was recorded since. A fixed number of statements. */
export async function catchUp(known: Known): Promise<void> {
  await Promise.all(Object.values(known).map((it: Known[keyof Known]) => it.catchUp()));
}
