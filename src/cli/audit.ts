/** `suyuan audit`: derives the whole ledger again from its stored bytes and names the first thing that differs. */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { base64url } from '../core/log/entry.ts';
import { StartupError } from '../errors.ts';
import { auditEverything, type WholeAudit } from '../features/audit.ts';
import type { Mismatch } from '../ledger/mismatch.ts';
import { keepLastAudit, readLastAudit } from './last-audit.ts';
import { openDatabase } from './open-database.ts';
import { progressBar } from './progress.ts';
import type { Say, Sentences } from './words.ts';

const words = {
  does: {
    zh: '依据存储的字节核对条目、哈希链、默克尔根、摘要、账目链、状态表、检查点与见证签名',
    en: 'check entries, chain, Merkle root, digests, unit chains, projections, checkpoints and cosignatures against stored bytes',
  },
  logOnly: { zh: '不核对状态表', en: 'leave the projections out' },
  since: {
    zh: '只核对这一条及其后的条目；last 表示接着上次核对的结果',
    en: 'check only the entries from this one on, or, with last, those after the last audit',
  },
  json: { zh: '以 JSON 输出结果', en: 'print the result as JSON' },
  noNumber: {
    zh: '--since 应为条目的序号，例如 120000，或 last。',
    en: '--since takes the number of an entry, such as 120000, or last.',
  },
  log: { zh: '账本', en: 'log' },
  projections: { zh: '状态表', en: 'projections' },
  differs: ({ table, seq, what, zh }: Mismatch) => ({
    zh: `不相符：表 ${table}${seq === null ? '' : `，条目 ${seq}`}：${zh}。`,
    en: `Does not fit: table ${table}${seq === null ? '' : `, entry ${seq}`}: ${what}.`,
  }),
  fits: (entries: number, root: string) => ({
    zh: `${entries} 条条目全部相符。账本的根：${root}`,
    en: `${entries} entries fit. Root of the log: ${root}`,
  }),
  fitsFrom: (from: number, to: number, root: string) => ({
    zh: `条目 ${from} 至 ${to} 全部相符。账本的根：${root}`,
    en: `Entries ${from} to ${to} fit. Root of the log: ${root}`,
  }),
  notRead: {
    zh: '更早的条目没有读取：只将其默克尔树分块与签过名的根比对。',
    en: 'Earlier entries were not read: of them only tiles were held against what was signed.',
  },
  noProjections: { zh: '状态表没有核对。', en: 'Projections were not checked.' },
  unfollowed: (entries: number) => ({
    zh: `最后 ${entries} 条的疑点没有核对：服务还没有查到这些条目。`,
    en: `Findings from the last ${entries} entries were not looked for: the service has not drawn them yet.`,
  }),
  notKept: (why: string) => ({
    zh: `这次核对的结果没能保存，下次无法接着核对：${why}`,
    en: `This audit could not be kept, so none can go on from it: ${why}`,
  }),
  unverified: (cosignatures: number) => ({
    zh: `${cosignatures} 个见证签名无法验证：WITNESSES 中没有相应见证方的公钥。`,
    en: `${cosignatures} cosignatures could not be verified: the keys of their witnesses are not in WITNESSES.`,
  }),
} satisfies Sentences;

export function addAudit(program: Command, say: Say): void {
  program
    .command('audit')
    .description(say(words.does))
    .option('--log-only', say(words.logOnly))
    .option('--since <seq>', say(words.since))
    .option('--json', say(words.json))
    .action(
      async ({ logOnly, since: given, json }: { logOnly?: boolean; since?: string; json?: boolean }) => {
        const number = given === undefined || given === 'last' ? 0 : Number(given);
        if (!Number.isSafeInteger(number) || number < 0) throw new StartupError(words.noNumber);
        const database = await openDatabase();
        const { dataDir } = database.config;
        try {
          const earlier = given === 'last' ? await readLastAudit(dataDir) : null;
          const since = earlier?.size ?? number;
          const bar = progressBar(say(words.log));
          const rebuilding = progressBar(say(words.projections));
          const audit = await auditEverything(database.owner, {
            url: database.ownerUrl,
            processes: availableParallelism(),
            dataDir,
            logOnly: logOnly === true,
            since,
            ...(earlier === null ? {} : { earlier }),
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
          // What begins in the middle says nothing of what it did not read.
          if (audit.mismatch === null && (since === 0 || earlier !== null))
            // Whoever may only read audits all the same.
            await keepLastAudit(dataDir, audit).catch((error: unknown) =>
              process.stderr.write(`${say(words.notKept(String(error)))}\n`),
            );
          const result = { since, ...audit, root: base64url(audit.root) };
          process.stdout.write(
            json === true ? `${forPrograms(result)}\n` : `${describe(result).map(say).join('\n')}\n`,
          );
          if (audit.mismatch !== null) process.exitCode = 1;
        } finally {
          await database.close();
        }
      },
    );
}

type Result = Omit<WholeAudit, 'root'> & { readonly root: string; readonly since: number };

/** As JSON, without what is for people alone. */
const forPrograms = (result: Result): string =>
  JSON.stringify(result, (name, value) => (name === 'zh' ? undefined : value));

const describe = ({ since, size, entries, root, unverified, unfollowed, mismatch }: Result) =>
  mismatch === null
    ? [
        // From the beginning of a tile, so that more may have been read than was asked for, but never less.
        since > 0 ? words.fitsFrom(size - entries, size - 1, root) : words.fits(entries, root),
        ...(entries < size ? [words.notRead] : []),
        ...(since > 0 ? [words.noProjections] : []),
        ...(unfollowed > 0 ? [words.unfollowed(unfollowed)] : []),
        ...(unverified > 0 ? [words.unverified(unverified)] : []),
      ]
    : [words.differs(mismatch)];
