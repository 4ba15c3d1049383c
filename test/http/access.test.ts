/** Every role × every route of the table of access, by requests that are really sent. */
import type { InjectOptions } from 'light-my-request';
import t from 'tap';
import { roles } from '../../src/core/hop.ts';
import { access } from '../../src/http/access.ts';
import { testService } from '../support/service.ts';

const rows = Object.entries(access).map(([name, rule]) => {
  const [method = '', pattern = ''] = name.split(' ');
  const url = pattern.replaceAll(/:\w+/g, 'x').replace('*', '');
  return { name, rule, method: method as NonNullable<InjectOptions['method']>, url };
});

t.test('access', async (t) => {
  const service = await testService(t);
  const ask = async (row: (typeof rows)[number], authorization?: string): Promise<string> => {
    const { method, url } = row;
    const answer = await service.app.inject({ method, url, headers: authorization ? { authorization } : {} });
    if (!answer.headers['content-type']?.toString().includes('problem+json')) return 'let in';
    const { code, detail } = answer.json<{ code?: string; detail: string }>();
    if (code === undefined) return `${answer.statusCode} ${detail}`;
    return code === 'unauthenticated' || /^This is for parties with the role/.test(detail) ? code : 'let in';
  };

  t.test('without a token', async (t) => {
    const found = [];
    for (const row of rows) found.push([row.name, await ask(row)]);
    t.strictSame(
      found,
      rows.map(({ name, rule }) => [
        name,
        rule === 'public' || rule === 'optional' ? 'let in' : 'unauthenticated',
      ]),
    );
  });

  for (const role of roles)
    t.test(`as ${role}`, async (t) => {
      const authorization = service.bearer([role]);
      const found = [];
      for (const row of rows) found.push([row.name, await ask(row, authorization)]);
      t.strictSame(
        found,
        rows.map(({ name, rule }) => [
          name,
          typeof rule === 'string' || rule.includes(role) ? 'let in' : 'forbidden',
        ]),
      );
    });

  t.test('a party without any role is let in where any party is', async (t) => {
    const authorization = service.bearer([]);
    const found = [];
    for (const row of rows) found.push([row.name, await ask(row, authorization)]);
    t.strictSame(
      found,
      rows.map(({ name, rule }) => [name, typeof rule === 'string' ? 'let in' : 'forbidden']),
    );
  });
});
