/** Counts the statements that are sent and the rows that come back, for tests that say what their numbers grow with. */
import type { Sql } from '../../src/database/connection.ts';

/** What a statement is before it is sent; fragments of others never are, and helpers are none. */
interface Statement {
  executed?: boolean;
  resolve?: (rows: unknown) => void;
}

/** The same connection, with how many of its statements were sent and how many rows they answered. */
export function counted(sql: Sql): { sql: Sql; executed: () => number; rows: () => number } {
  const made: Statement[] = [];
  let rows = 0;
  const proxy = new Proxy(sql, {
    apply(target, self, args) {
      const statement: Statement = Reflect.apply(target, self, args);
      made.push(statement);
      const { resolve } = statement;
      if (resolve !== undefined)
        statement.resolve = (answer) => {
          if (Array.isArray(answer)) rows += answer.length;
          resolve(answer);
        };
      return statement;
    },
  });
  return {
    sql: proxy,
    executed: () => made.filter(({ executed }) => executed === true).length,
    rows: () => rows,
  };
}
