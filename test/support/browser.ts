/**
 * A real Chromium for tests of pages: the one that `@sparticuz/chromium` carries, so that nothing has to be installed.
 * That package is made for Linux with glibc on x64; there, a browser that does not start is a failure. Elsewhere an
 * installed Chrome serves, and without one the test is skipped. It speaks to loopback addresses only.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import type { Test } from 'tap';

const { resolve } = createRequire(import.meta.url);

/**
 * The folder with the unpacked browser, its libraries and a font list that has Chinese. The package unpacks into the
 * temporary folder by itself, but two processes doing so at once meet half-written files; here each unpacks into a
 * folder of its own, and the first to finish renames it to the name that all look for. The font is copied: a folder of
 * this checkout, named in a list that others read as well, may be gone when they do, and Chinese would be drawn as nothing.
 */
async function unpackedChromium(): Promise<string> {
  const owner = process.getuid?.() ?? 'user';
  const home = join(tmpdir(), `suyuan-chromium-143.0.4-fonts-${owner}`);
  if (existsSync(home)) return home;
  const making = mkdtempSync(`${home}-`);
  const before = { TMPDIR: process.env.TMPDIR, AWS_LAMBDA_JS_RUNTIME: process.env.AWS_LAMBDA_JS_RUNTIME };
  try {
    // The package unpacks below TMPDIR, and brings NSS and other libraries only where it takes itself to be on Lambda.
    process.env.TMPDIR = making;
    process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x';
    const { default: packed } = await import('@sparticuz/chromium');
    await packed.executablePath();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
  cpSync(join(dirname(resolve('@embedpdf/fonts-sc')), '..', 'fonts'), join(making, 'fonts', 'sc'), {
    recursive: true,
  });
  mkdirSync(join(making, 'fontconfig'));
  writeFileSync(
    join(making, 'fontconfig', 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${join(home, 'fonts')}</dir><dir>/usr/share/fonts</dir>
<cachedir>${join(home, 'fontconfig', 'cache')}</cachedir></fontconfig>`,
  );
  try {
    renameSync(making, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
    rmSync(making, { recursive: true, force: true });
  }
  return home;
}

const isPackaged = process.platform === 'linux' && process.arch === 'x64' && hasGlibc();

/** Alpine and its like have musl instead. */
function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}

/** A running browser, closed at the end of `t`; null where there can be none, and then `t` says that it skips. */
export async function testBrowser(t: Test): Promise<Browser | null> {
  try {
    const browser = isPackaged
      ? await packagedBrowser()
      : await chromium.launch({ channel: 'chrome', args: loopbackOnly });
    t.teardown(() => browser.close());
    return browser;
  } catch (error) {
    if (isPackaged) throw error;
    const machine = `${process.platform} on ${process.arch}`;
    t.skip(
      `PAGES ARE NOT LOOKED AT: @sparticuz/chromium is made for Linux with glibc on x64, not for ${machine}, and no Chrome that is installed starts`,
      () => undefined,
    );
    return null;
  }
}

const loopbackOnly = ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--no-proxy-server'];

async function packagedBrowser(): Promise<Browser> {
  const home = await unpackedChromium();
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    args: [
      ...loopbackOnly,
      '--headless=shell',
      '--no-sandbox', // Chromium has no sandbox as root, and the pages are ours
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--font-render-hinting=none',
    ],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: home,
      LD_LIBRARY_PATH: [join(home, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH ?? '']
        .filter(Boolean)
        .join(':'),
      FONTCONFIG_FILE: join(home, 'fontconfig', 'fonts.conf'),
    },
  });
}
