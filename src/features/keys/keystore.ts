/**
 * The private keys and secrets the service holds, wrapped with the master key in `private_keys`. Signing keys are
 * named by their seven digits, secrets by words. What is unwrapped stays in memory; nothing is ever given out but
 * signatures, public keys and secrets by name.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Database, Sql } from '../../database/connection.ts';
import { Refusal, StartupError } from '../../errors.ts';
import { signInThreads } from './signing.ts';
import { unwrap, wrap, wrappingKey } from './wrapping.ts';

export interface Keystore {
  /** 32 random bytes of that name, made at first use; every process on the database gets the same. */
  secret(name: string): Promise<Buffer>;
  /** Makes an Ed25519 key and returns its public key as JWK member `x`. Refuses a taken `kid`: `state-conflict`. */
  create(kid: string): Promise<string>;
  /** The Ed25519 signature of bytes or of the UTF-8 of a text, 64 bytes. Refuses an unheld key: `unknown-key`. */
  sign(kid: string, data: Uint8Array | string): Promise<Buffer>;
  /** Signatures of the UTF-8 of texts, in their order, made by all cores at once. */
  signMany(kid: string, texts: readonly string[]): Promise<Buffer[]>;
  /** Forgets a key, or the secret of that name; codes it signed stay good. */
  delete(name: string): Promise<void>;
}

/** PKCS #8 of an Ed25519 key before its 32 bytes (RFC 8410 §7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Signatures for which threads are started. */
const manyMin = 500;
const signingKeyName = /^[0-9]{7}$/;
/** What the check value of a master key wraps, under its own name. */
const checkName = 'master key check';
const wrongMasterKey = {
  zh: 'MASTER_KEY 不是建立此数据库时所用的主密钥。请设为正确的主密钥，或恢复 DATA_DIR 中的文件 master-key；要更换主密钥，请运行 suyuan keys rewrap。',
  en: 'MASTER_KEY is not the one this database was set up with. Set the right one, or restore the file master-key in DATA_DIR; to change it, run: suyuan keys rewrap.',
};

/** Opens the store. Throws `StartupError` when the master key is not that of this database. */
export async function openKeystore({ sql }: Database, masterKey: Uint8Array): Promise<Keystore> {
  const wrapping = wrappingKey(masterKey);
  const check = await checkMasterKey(sql, wrapping);
  const secrets = new Map<string, Promise<Buffer>>();
  const keys = new Map<string, Promise<KeyObject>>();

  /** The unwrapped row, or null when there is none. */
  async function held(name: string): Promise<Buffer | null> {
    const [row] = await sql<{ wrapped: Buffer }[]>`SELECT wrapped FROM private_keys WHERE kid = ${name}`;
    if (row === undefined) return null;
    const secret = unwrap(wrapping, name, row.wrapped);
    if (secret === null) throw rewrapped();
    return secret;
  }

  /** Adds a row, unless the name is taken. A process that missed a change of the master key adds nothing. */
  async function insert(name: string, secret: Buffer): Promise<boolean> {
    const added = await sql`
      INSERT INTO private_keys (kid, wrapped)
      SELECT ${name}, ${wrap(wrapping, name, secret)} FROM master_key_check WHERE check_value = ${check}
      ON CONFLICT DO NOTHING RETURNING kid`;
    return added.length > 0;
  }

  async function findOrMake(name: string): Promise<Buffer> {
    const found = await held(name);
    if (found !== null) return found;
    await insert(name, randomBytes(32));
    // Another process may have been first: what stands in the table is the secret.
    const made = await held(name);
    if (made === null) throw rewrapped();
    return made;
  }

  async function load(kid: string): Promise<KeyObject> {
    const seed = await held(kid);
    if (seed === null) {
      throw new Refusal('unknown-key', `The service holds no private key ${kid}: whoever holds it signs.`);
    }
    return privateKey(seed);
  }

  const keyOf = (kid: string): Promise<KeyObject> => remembered(keys, kid, load);

  return {
    async secret(name) {
      if (signingKeyName.test(name)) throw new TypeError('seven digits name a signing key, not a secret');
      return remembered(secrets, name, findOrMake);
    },

    async create(kid) {
      if (!signingKeyName.test(kid)) throw new TypeError('a key id is seven decimal digits');
      const seed = randomBytes(32);
      if (!(await insert(kid, seed))) {
        if ((await held(kid)) === null) throw rewrapped();
        throw new Refusal('state-conflict', `Key ${kid} exists; choose another number.`);
      }
      return publicX(privateKey(seed));
    },

    async sign(kid, data) {
      return signWith(await keyOf(kid), data);
    },

    async signMany(kid, texts) {
      const key = await keyOf(kid);
      if (texts.length >= manyMin) return signInThreads(kid, key, texts);
      return Promise.all(texts.map((text) => signWith(key, text)));
    },

    async delete(name) {
      await sql`DELETE FROM private_keys WHERE kid = ${name}`;
      keys.delete(name);
      secrets.delete(name);
    },
  };
}

const rewrapped = (): Refusal =>
  new Refusal(
    'unavailable',
    'The private keys now need another MASTER_KEY: start the service again with it.',
    {
      retryAfter: 60,
    },
  );

/** Sets the check value at the first start; later refuses a master key that does not open it. Returns the value. */
async function checkMasterKey(sql: Sql, wrapping: Buffer): Promise<Buffer> {
  await sql`
    INSERT INTO master_key_check (id, check_value) VALUES (1, ${wrap(wrapping, checkName, randomBytes(32))})
    ON CONFLICT DO NOTHING`;
  const [row] = await sql<{ check: Buffer }[]>`
    SELECT check_value AS "check" FROM master_key_check WHERE id = 1`;
  if (row === undefined || unwrap(wrapping, checkName, row.check) === null) {
    throw new StartupError(wrongMasterKey);
  }
  return row.check;
}

/**
 * Wraps everything with a new master key, all in one transaction: if we crash, the old one still fits all of it.
 * Returns how many keys and secrets there are. Throws `StartupError` when `oldKey` is wrong. Processes that run
 * keep working with what they have unwrapped, and must be started again with the new key.
 */
export async function rewrap({ sql }: Database, oldKey: Uint8Array, newKey: Uint8Array): Promise<number> {
  const [before, after] = [wrappingKey(oldKey), wrappingKey(newKey)];
  return sql.begin(async (transaction) => {
    // Locked against keys being made meanwhile: they would stay under the old master key.
    await transaction`LOCK TABLE private_keys IN EXCLUSIVE MODE`;
    const [check] = await transaction<{ value: Buffer }[]>`
      SELECT check_value AS value FROM master_key_check WHERE id = 1 FOR UPDATE`;
    if (check !== undefined && unwrap(before, checkName, check.value) === null) {
      throw new StartupError(wrongMasterKey);
    }
    const rows = await transaction<{ kid: string; wrapped: Buffer }[]>`SELECT kid, wrapped FROM private_keys`;
    for (const { kid, wrapped } of rows) {
      const secret = unwrap(before, kid, wrapped);
      if (secret === null)
        throw new StartupError({
          zh: `密钥 ${kid} 无法用旧的主密钥打开；请恢复它。`,
          en: `Key ${kid} does not open with the old master key; restore it.`,
        });
      await transaction`UPDATE private_keys SET wrapped = ${wrap(after, kid, secret)} WHERE kid = ${kid}`;
    }
    await transaction`UPDATE master_key_check SET check_value = ${wrap(after, checkName, randomBytes(32))}`;
    return rows.length;
  });
}

const privateKey = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });

function publicX(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) throw new Error('an Ed25519 key has no x');
  return x;
}

/** With a callback Node signs in its thread pool, and without one in this thread. */
function signWith(key: KeyObject, data: Uint8Array | string): Promise<Buffer> {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return new Promise((resolve, reject) =>
    sign(null, bytes, key, (error, signature) => (error ? reject(error) : resolve(signature))),
  );
}

/** The remembered value; a failure is not remembered. */
async function remembered<T>(
  cache: Map<string, Promise<T>>,
  name: string,
  load: (name: string) => Promise<T>,
): Promise<T> {
  const known = cache.get(name) ?? load(name);
  cache.set(name, known);
  try {
    return await known;
  } catch (error) {
    cache.delete(name);
    throw error;
  }
}
