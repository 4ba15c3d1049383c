import t from 'tap';
import { errorCodes } from '../../src/errors.ts';

t.test('error codes are unique and kebab-case', async (t) => {
  t.equal(new Set(errorCodes).size, errorCodes.length);
  for (const code of errorCodes) t.match(code, /^[a-z]+(-[a-z]+)*$/);
});
