/** The limit of verification, as a process: one signature check and one indexed SELECT behind a bare route. */
import { createPublicKey, verify } from 'node:crypto';
import fastify from 'fastify';
import { parseCode, signingInput } from '../../src/core/codes/code.ts';
import { connect } from '../../src/database/connection.ts';

const { sql } = connect(process.env.DATABASE_URL ?? '', { max: 10 });
const key = createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: process.env.PUBLIC_KEY ?? '' },
  format: 'jwk',
});
const app = fastify();
app.post<{ Body: { code: string } }>('/verify', async ({ body }) => {
  const code = parseCode(body.code);
  if (!code.ok || code.value.signed === null) return { verdict: 'forged' };
  const { epc, signed } = code.value;
  const [good, rows] = await Promise.all([
    new Promise<boolean>((resolve, reject) =>
      verify(null, signingInput(signed.kid, epc), key, signed.signature, (error, yes) =>
        error ? reject(error) : resolve(yes),
      ),
    ),
    sql`SELECT unit FROM epcs WHERE epc = ${epc}`,
  ]);
  return { verdict: good && rows.length === 1 ? 'known' : 'forged' };
});
const address = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${address}\n`);
