/**
 * The links of a stretch of entries: exactly one for each identifier that a fact names, and each the right one. Every
 * link is checked against the one before it as stored, which is checked in its own place.
 */
import type { Named } from '../core/log/fact.ts';
import { firstLink, nextLink } from '../core/log/unit-chain.ts';
import type { AuditRows, ChainRow } from './audit-rows.ts';
import { Differs } from './mismatch.ts';

/** Throws `Differs`; answers how many identifiers are named for the first time. `leaves` are 32 bytes an entry. */
export function checkChain(
  { from, until, chain }: Pick<AuditRows, 'from' | 'until' | 'chain'>,
  named: readonly (readonly Named[])[],
  leaves: Buffer,
): number {
  let newUnits = 0;
  let at = 0;
  for (let seq = from; seq < until; seq++) {
    const list = named[seq - from] ?? [];
    const first = at;
    while (at < chain.length && chain[at]?.seq === seq) at++;
    const rows = chain.slice(first, at);
    for (const { epc, unit } of rows)
      if (epc === null)
        throw new Differs('epcs', seq, {
          zh: `条目 ${seq} 链接的编号 ${unit} 没有对应的标识`,
          en: `number ${unit}, which entry ${seq} links, has no identifier`,
        });
    if (rows.length !== list.length)
      throw new Differs('unit_chain', seq, {
        zh: `条目 ${seq} 提及 ${list.length} 个标识，却有 ${rows.length} 个链节`,
        en: `entry ${seq} names ${list.length} identifiers and has ${rows.length} links`,
      });
    const leaf = leaves.subarray((seq - from) * 32, (seq - from + 1) * 32);
    for (const [i, { epc, position }] of list.entries()) {
      // They mostly stand in the order in which the fact names them.
      const row = rows[i]?.epc === epc ? rows[i] : rowsByEpc(rows).get(epc);
      if (row === undefined)
        throw new Differs('unit_chain', seq, {
          zh: `条目 ${seq} 没有 ${epc} 的链节`,
          en: `entry ${seq} has no link for ${epc}`,
        });
      checkLink(row, epc, position, leaf);
      if (row.n === 1) newUnits++;
    }
  }
  return newUnits;
}

/** Made once for the rows of an entry. */
let latest: { rows: readonly ChainRow[]; byEpc: Map<string | null, ChainRow> } | null = null;
function rowsByEpc(rows: readonly ChainRow[]): Map<string | null, ChainRow> {
  if (latest?.rows !== rows) latest = { rows, byEpc: new Map(rows.map((row) => [row.epc, row])) };
  return latest.byEpc;
}

function checkLink(row: ChainRow, epc: string, position: number, leaf: Buffer): void {
  const { seq, n, link, beforeSeq } = row;
  const before = n === 1 ? firstLink(epc) : row.before;
  if (before === null)
    throw new Differs('unit_chain', seq, {
      zh: `${epc} 在条目 ${seq} 之前的第 ${n - 1} 个链节缺失`,
      en: `link ${n - 1} of ${epc}, before entry ${seq}, is missing`,
    });
  if (beforeSeq >= seq)
    throw new Differs('unit_chain', seq, {
      zh: `${epc} 的链节在条目 ${seq} 处次序颠倒`,
      en: `links of ${epc} are out of order at entry ${seq}`,
    });
  if (row.position !== position)
    throw new Differs('unit_chain', seq, {
      zh: `${epc} 在条目 ${seq} 中的位置是 ${row.position}，应为 ${position}`,
      en: `position of ${epc} at entry ${seq} is ${row.position}, not ${position}`,
    });
  if (link === null || !nextLink(before, leaf).equals(link))
    throw new Differs('unit_chain', seq, {
      zh: `${epc} 的第 ${n} 个链节（条目 ${seq}）不是所链内容的哈希`,
      en: `link ${n} of ${epc}, at entry ${seq}, is not the hash of what it chains`,
    });
}
