/** Findings as the follower has drawn them, and as they come out anew, to compare. */
import type { Database } from '../../src/database/connection.ts';
import { deriveFindings } from '../../src/features/findings/derive.ts';
import { knownTo } from '../../src/features/findings/known.ts';

export async function findingsIn({ sql }: Pick<Database, 'sql'>) {
  return {
    opened: [...(await sql`SELECT * FROM findings ORDER BY opened, unit, rule, one, other`)],
    cases: [...(await sql`SELECT * FROM cases ORDER BY opened, id`)],
    links: [...(await sql`SELECT * FROM case_links ORDER BY case_id, kind, value`)],
    closed: [...(await sql`SELECT * FROM finding_closings ORDER BY closed, unit, rule, one, other, opened`)],
  };
}

/** The findings of the first `size` entries, drawn in steps of so many, in tables of their own. */
export async function findingsAnew(owner: Database, size: number, chunk: number) {
  const sql = await owner.sql.reserve();
  try {
    await sql`CREATE TEMP TABLE findings (LIKE public.findings INCLUDING ALL)`;
    await sql`CREATE TEMP TABLE finding_closings (LIKE public.finding_closings INCLUDING ALL)`;
    await sql`CREATE TEMP TABLE cases (LIKE public.cases INCLUDING ALL)`;
    await sql`CREATE TEMP TABLE case_links (LIKE public.case_links INCLUDING ALL)`;
    const known = knownTo(sql);
    for (let from = 0; from < size; from += chunk)
      await deriveFindings(sql, known, from, Math.min(size, from + chunk));
    return await findingsIn({ sql });
  } finally {
    await sql`DROP TABLE IF EXISTS pg_temp.findings, pg_temp.finding_closings, pg_temp.cases, pg_temp.case_links`;
    sql.release();
  }
}
