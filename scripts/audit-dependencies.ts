/**
 * What other people's code may come in with ours. `node build/scripts/audit-dependencies.js`
 *
 * 1. package-lock.json pins every package by the hash of its bytes, and none comes from anywhere but the registry.
 * 2. The registry is asked for known weaknesses of what runs in production: high and critical ones fail. Where it does
 *    not answer such questions (no network, a mirror without them) that is said, and nothing fails.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const registry = 'https://registry.npmjs.org/';

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/** What is wrong with the packages of a lock file, in words; `packages` as npm writes them (lockfileVersion 3). */
export function lockFaults(packages: Readonly<Record<string, Locked>>): string[] {
  return Object.entries(packages).flatMap(([path, { integrity = '', resolved, link = false }]) => {
    if (path === '') return [];
    const faults = [];
    if (link) faults.push(`${path} is a link to a folder`);
    else if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)) faults.push(`${path} is not pinned by SHA-512`);
    if (resolved !== undefined && !link && !resolved.startsWith(registry))
      faults.push(`${path} comes from ${resolved}`);
    return faults;
  });
}

/** The packages with high or critical weaknesses by the JSON that `npm audit` prints; null when it is no answer. */
export function weaknesses(text: string): string[] | null {
  let report: { vulnerabilities?: Record<string, { severity?: string }>; auditReportVersion?: number };
  try {
    report = JSON.parse(text);
  } catch {
    return null;
  }
  if (report.auditReportVersion === undefined || report.vulnerabilities === undefined) return null;
  return Object.entries(report.vulnerabilities)
    .filter(([, { severity }]) => severity === 'high' || severity === 'critical')
    .map(([name, { severity }]) => `${name} has a weakness that is ${severity}`);
}

const npmAudit = (): Promise<string> =>
  new Promise((resolve) => {
    // npm exits with 1 when it finds something: what it prints counts.
    execFile('npm', ['audit', '--omit=dev', '--json'], { timeout: 60_000 }, (_error, stdout) =>
      resolve(stdout),
    );
  });

async function main(): Promise<void> {
  const lock: { packages: Record<string, Locked> } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const found = weaknesses(await npmAudit());
  if (found === null) process.stdout.write('The registry does not answer audits here; going on without.\n');
  const faults = [...lockFaults(lock.packages), ...(found ?? [])];
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
