/**
 * Imported before all else by what people start: a Node.js older than `engines` in package.json ends here with a sentence,
 * and not further on with a SyntaxError. Hence nothing newer than that old Node.js knows is used here.
 */
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const wanted = engines.node.replace('>=', '');
const [major, minor] = process.versions.node.split('.').map(Number);
const [majorWanted, minorWanted] = wanted.split('.').map(Number);

if (major < majorWanted || (major === majorWanted && minor < minorWanted)) {
  process.stderr.write(
    `需要 Node.js ${wanted} 或更新的版本，当前为 ${process.versions.node}。请从 https://nodejs.org 安装。\n` +
      `Node.js ${wanted} or newer is needed, and this is ${process.versions.node}. Get one from https://nodejs.org.\n`,
  );
  process.exit(2);
}
