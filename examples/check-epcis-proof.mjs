/**
 * Checks an answer of /epcis/v2 that was asked for with `Suyuan-Proof: include`, with nothing but Node:
 *
 *   node check-epcis-proof.mjs answer.json log-key.txt
 *
 * Keep log-key.txt (GET /log/key) from the first time on, or have it from somebody else: it is what all rests on.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [answerFile, keyFile] = process.argv.slice(2);
const proof = JSON.parse(readFileSync(answerFile, 'utf8'))['suyuan:proof'];

const sha256 = (...parts) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((it) => Buffer.from(it))))
    .digest();
const b64url = (bytes) => Buffer.from(bytes).toString('base64url');
/** RFC 8785 of what has no odd numbers. */
const canonical = (value) =>
  value === null || typeof value !== 'object'
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? `[${value.map(canonical).join()}]`
      : `{${Object.keys(value)
          .sort()
          .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
          .join()}}`;
const check = (holds, what) => {
  if (!holds) throw new Error(`not proven: ${what}`);
};

// RFC 6962 §2.1
const leafHash = (input) => sha256([0], input);
const node = (left, right) => sha256([1], left, right);
function root(leaves) {
  if (leaves.length < 2) return leaves[0] ?? sha256('');
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return node(root(leaves.slice(0, half)), root(leaves.slice(half)));
}
/** RFC 9162 §2.1.3.2 */
function rootBy(path, leaf, index, size) {
  let [hash, at, last] = [leaf, index, size - 1];
  for (const sibling of path) {
    check(last > 0, 'a path that is too long');
    if (at % 2 === 1 || at === last) {
      hash = node(sibling, hash);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else hash = node(hash, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  check(last === 0, 'a path that is too short');
  return hash;
}

// The checkpoint is a signed note (C2SP): lines, an empty line, signatures of the lines.
const [, name, keyText] = /^(.+)\+[0-9a-f]{8}\+(.+)$/.exec(readFileSync(keyFile, 'utf8').trim());
const keyBytes = Buffer.from(keyText, 'base64').subarray(1);
const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: b64url(keyBytes) }, format: 'jwk' });
const end = proof.checkpoint.indexOf('\n\n') + 1;
const text = proof.checkpoint.slice(0, end);
const signatures = proof.checkpoint.slice(end + 1).split('\n');
const mine = signatures.filter((line) => line.startsWith(`— ${name} `)).map((line) => line.split(' ')[2]);
const isSigned = mine.some((it) =>
  verify(null, Buffer.from(text), key, Buffer.from(it, 'base64').subarray(4)),
);
check(isSigned, 'the signature of the checkpoint');
const [, size, rootHash] = text.split('\n');

for (const { entry, fact, path } of proof.entries) {
  const hashes = path.map((it) => Buffer.from(it, 'base64url'));
  const found = rootBy(hashes, leafHash(canonical(entry)), entry.seq, Number(size));
  check(found.equals(Buffer.from(rootHash, 'base64')), `entry ${entry.seq} is in the log`);
  const digests = [...fact.shown.map((it) => b64url(sha256(it))), ...fact.withheld].sort();
  const digest = b64url(sha256(canonical({ _sd: digests, _sd_alg: 'sha-256' })));
  check(digest === entry.digest, `what entry ${entry.seq} says`);
  const said = fact.shown.map((it) => JSON.parse(Buffer.from(it, 'base64url')));
  const event = Object.fromEntries(said.map(([, member, value]) => [member, value]));
  for (const [list, { leaves }] of Object.entries(fact.lists)) {
    check(b64url(root(leaves.map(leafHash))) === event[list].root, `the ${list} of entry ${entry.seq}`);
    event[list] = leaves.map((it) => JSON.parse(Buffer.from(it, 'base64url'))[1]);
  }
  console.log(`entry ${entry.seq} of ${entry.at} is in the log of ${size}, and says:`, event);
}
