/** `suyuan audit`: derives the whole ledger again from its stored bytes and names the first thing that differs. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { base64url } from '../core/log/entry.ts';
import { StartupError } from '../errors.ts';
import { auditEverything, type WholeAudit } from '../features/audit.ts';
import { openDatabase } from './open-database.ts';
import { progressBar } from './progress.ts';

export const auditCommand = new Command('audit')
  .description(
    'check entries, chain, Merkle root, digests, unit chains, projections, checkpoints and cosignatures against stored bytes',
  )
  .option('--log-only', 'leave the projections out')
  .option('--since <seq>', 'check only the entries from this one on')
  .option('--json', 'print the result as JSON')
  .action(async ({ logOnly, since: given, json }: { logOnly?: boolean; since?: string; json?: boolean }) => {
    const since = given === undefined ? 0 : Number(given);
    if (!Number.isSafeInteger(since) || since < 0)
      throw new StartupError('--since takes the number of an entry, such as 120000.');
    const database = await openDatabase();
    try {
      const bar = progressBar('log');
      const rebuilding = progressBar('projections');
      const audit = await auditEverything(database.owner, {
        url: database.ownerUrl,
        processes: availableParallelism(),
        dataDir: database.config.dataDir,
        logOnly: logOnly === true,
        since,
        witnesses: database.config.witnesses.map(({ key }) => key),
        progress: bar.update,
        rebuilding: (done, total) => {
          bar.stop();
          rebuilding.update(done, total);
        },
      }).finally(() => {
        bar.stop();
        rebuilding.stop();
      });
      const result = { since, ...audit, root: base64url(audit.root) };
      process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : describe(result, since));
      if (audit.mismatch !== null) process.exitCode = 1;
    } finally {
      await database.close();
    }
  });

function describe(
  { entries, root, unverified, unfollowed, mismatch }: Omit<WholeAudit, 'root'> & { root: string },
  since: number,
): string {
  if (mismatch !== null) {
    const { table, seq, what } = mismatch;
    return `Does not fit: table ${table}${seq === null ? '' : `, entry ${seq}`}: ${what}.\n`;
  }
  const lines = [`${entries} entries fit. Root of the log: ${root}`];
  if (since > 0)
    lines.push(
      'Entries before those were not read: of them only tiles were held against what was signed. Nor were projections.',
    );
  if (unfollowed > 0)
    lines.push(
      `Findings from the last ${unfollowed} entries were not looked for: the service has not drawn them yet.`,
    );
  if (unverified > 0)
    lines.push(
      `${unverified} cosignatures could not be verified: the keys of their witnesses are not in WITNESSES.`,
    );
  return `${lines.join('\n')}\n`;
}
