import t from 'tap';
import { withPrefixes } from '../../../src/core/epcis/epcis-context.ts';
import { parseQueryDefinition } from '../../../src/core/epcis/epcis-query-definition.ts';

const example = {
  '@context': { acme: 'https://ns.acme.example/epcis/' },
  eventType: ['ObjectEvent'],
  EQ_bizStep: ['shipping', 'receiving'],
  'GE_acme:line': 7,
  EXISTS_errorDeclaration: null,
};

t.test('the example of the file', async (t) => {
  const read = parseQueryDefinition(example, 'sy.example');
  t.strictSame(read.ok && [...read.value.parameters], [
    ['eventType', ['ObjectEvent']],
    ['EQ_bizStep', ['shipping', 'receiving']],
    ['GE_acme:line', ['7']],
    ['EXISTS_errorDeclaration', ['true']],
  ]);
  const { '@context': context, ...bare } = example;
  t.match(parseQueryDefinition(bare, 'sy.example'), { ok: false, code: 'invalid-query' });
  t.match(parseQueryDefinition(withPrefixes(bare, context), 'sy.example'), { ok: true });
  t.equal(withPrefixes(bare, {}), bare);
  const { '@context': both } = withPrefixes(example, { acme: 'urn:other:' });
  t.strictSame(both, [{ acme: 'urn:other:' }, context], 'what it says itself comes last, and counts');
});

t.test('what is no query is refused', async (t) => {
  const wrong = [
    [],
    'x',
    { colour: 'red' },
    { EQ_action: [] },
    { EQ_action: { a: 1 } },
    { EQ_action: [['ADD']] },
    { perPage: 3 },
    Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`EQ_gs1:a${i}`, 1])),
  ];
  for (const value of wrong)
    t.match(parseQueryDefinition(value, 'sy.example'), { ok: false, code: 'invalid-query' });
});
