/** Integers of requests have bounds, so that none reaches the database which it cannot hold. */
import t from 'tap';
import { testService } from '../support/service.ts';
import { supplyChain } from '../support/supply-chain.ts';

const service = await testService(t);
const { app } = service;

t.test('every integer that a request may carry is bounded on both sides', (t) => {
  const loose: string[] = [];
  let bounded = 0;
  const look = (schema: unknown, where: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { type, minimum, maximum, $ref } = schema as Record<string, unknown>;
    if (typeof $ref === 'string')
      look(
        $ref
          .split('/')
          .slice(1)
          .reduce((it: unknown, name) => Reflect.get(Object(it), name), app.swagger()),
        where,
      );
    if (type === 'integer' || type === 'number') {
      if (typeof minimum === 'number' && typeof maximum === 'number') bounded++;
      else loose.push(where);
    }
    for (const [name, part] of Object.entries(schema)) look(part, `${where}/${name}`);
  };
  for (const [path, operations] of Object.entries(app.swagger().paths ?? {}))
    for (const [method, operation] of Object.entries(operations ?? {})) {
      const { parameters, requestBody } = operation as { parameters?: unknown; requestBody?: unknown };
      look({ parameters, requestBody }, `${method} ${path}`);
    }
  t.strictSame(loose, []);
  t.ok(bounded > 10, `${bounded} integers were looked at`);
  t.end();
});

t.test('the number of an entry that no log can have', async (t) => {
  const chain = await supplyChain(service);
  const ask = async (url: string) => {
    const response = await app.inject({ url, headers: { authorization: chain.maker.bearer } });
    return [response.statusCode, response.json().code, response.json().detail];
  };
  const tooLarge = [400, 'invalid-request', 'Part of the address seq: Must be <= 9007199254740991.'];
  const rows: readonly [seq: string, answer: unknown[]][] = [
    ['9223372036854775808', tooLarge],
    ['9223372036854775807', tooLarge],
    ['9007199254740992', tooLarge],
    ['1e30', tooLarge],
    ['1e309', tooLarge],
    ['Infinity', tooLarge],
    ['-1', [400, 'invalid-request', 'Part of the address seq: Must be >= 0.']],
    ['1.5', [400, 'invalid-request', 'Part of the address seq: Must be integer.']],
    ['NaN', [400, 'invalid-request', 'Part of the address seq: Must be integer.']],
  ];
  for (const [seq, answer] of rows) t.strictSame(await ask(`/v1/events/${seq}`), answer, seq);
  const [status, code] = await ask('/v1/events/9007199254740991');
  t.strictSame([status, code], [404, 'unknown-event'], 'the largest number there is');
});
