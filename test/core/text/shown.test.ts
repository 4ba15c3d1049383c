import t from 'tap';
import { shown } from '../../../src/core/text/shown.ts';

t.test('text as it is shown', async (t) => {
  t.equal(shown('甲厂\u202Egnp.exe'), '甲厂gnp.exe', 'the example of the file');
  const ranges = [
    [0x0000, 0x0008],
    [0x000b, 0x000c],
    [0x000e, 0x001f],
    [0x007f, 0x009f],
    [0x061c, 0x061c],
    [0x200e, 0x200f],
    [0x202a, 0x202e],
    [0x2066, 0x2069],
    [0xd800, 0xdfff],
    [0xfeff, 0xfeff],
    [0xfffe, 0xffff],
  ] as const;
  const dropped = (code: number) => ranges.some(([first, last]) => first <= code && code <= last);
  const wrong: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const text = String.fromCodePoint(code);
    if (shown(`a${text}b`) !== (dropped(code) ? 'ab' : `a${text}b`)) wrong.push(code.toString(16));
  }
  t.same(wrong, []);
});
