/** Truth: what the log commits to. Insert-only by grant and by trigger. */
import { pgTable, text } from 'drizzle-orm/pg-core';
import { bytea, count } from './columns.ts';

/** Log entries. `prev` is not stored: it is the leaf hash of the entry before. */
export const entries = pgTable('entries', {
  seq: count('seq').primaryKey(),
  at: count('at').notNull(),
  digest: bytea('digest').notNull(),
  leaf: bytea('leaf').notNull(),
});

/** The facts that entries commit to: canonical JSON as text, never re-serialised, with the salt of the digest. */
export const facts = pgTable('facts', {
  seq: count('seq').primaryKey(),
  kind: text('kind').notNull(),
  payload: text('payload').notNull(),
  salt: bytea('salt').notNull(),
});

/** Personal data of facts. Erasing empties `value` and `salt` and keeps `hash`, so the digest still proves. */
export const privates = pgTable('privates', {
  seq: count('seq').primaryKey(),
  value: text('value'),
  salt: bytea('salt'),
  hash: bytea('hash').notNull(),
});
