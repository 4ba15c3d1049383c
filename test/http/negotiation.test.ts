import t from 'tap';
import { preferredType } from '../../src/http/negotiation.ts';

const offered = ['text/html', 'application/json', 'application/linkset+json'] as const;

t.test('the representation preferred, by RFC 9110 §12.5.1', async (t) => {
  const table: readonly (readonly [string | undefined, string | null])[] = [
    [undefined, 'text/html'],
    ['', 'text/html'],
    ['*/*', 'text/html'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'text/html'],
    ['application/json', 'application/json'],
    ['application/json, text/plain, */*', 'application/json'],
    ['text/html;q=0.8, application/*', 'application/json'],
    ['application/linkset+json, application/json;q=0.9', 'application/linkset+json'],
    ['APPLICATION/JSON ; Q=0.5, text/*;q=0.1', 'application/json'],
    ['application/*;q=0, */*', 'text/html'],
    ['text/html;q=0, application/json;q=0.001', 'application/json'],
    ['image/png', null],
    [`${'x/y,'.repeat(400)}application/json`, null],
  ];
  t.strictSame(
    table.map(([accept]) => preferredType(accept, offered)),
    table.map(([, expected]) => expected),
  );
});
