import t from 'tap';
import { prefixLength } from '../../../src/core/gs1/prefix-lengths.js';

t.test('the longest entry that fits counts', async (t) => {
  for (const [digits, length] of [
    ['690123456789', 7],
    ['691999999999', 7],
    ['692012345678', 8],
    ['696912345678', 8],
    ['697012345678', 9],
    ['699912345678', 12],
    ['690102812345', 10],
    ['690102712345', 7],
    ['690310012345', 12],
    ['694080017123', 12],
    ['694080020123', 8],
    ['6901234', 7],
  ] as const)
    t.equal(prefixLength(digits), length, digits);
});

t.test('what nobody was given, and what others give, is not known', async (t) => {
  for (const digits of [
    '690310099999',
    '694080019123',
    '694629169123',
    '689123456789',
    '700123456789',
    '069012345678',
    '69',
    '',
  ])
    t.equal(prefixLength(digits), null, digits);
});
