/** Counts the statements that are sent, for tests that say what their number grows with. */
import type { Sql } from '../../src/database/connection.ts';

/** The same connection, and how many of its statements were sent: fragments of others are none. */
export function counted(sql: Sql): { sql: Sql; executed: () => number } {
  const made: { executed?: boolean }[] = [];
  const proxy = new Proxy(sql, {
    apply(target, self, args) {
      const query = Reflect.apply(target, self, args);
      made.push(query);
      return query;
    },
  });
  return { sql: proxy, executed: () => made.filter(({ executed }) => executed === true).length };
}
