import t from 'tap';
import { csvLine } from '../../src/http/csv.ts';

t.test('CSV fields neither break out nor become formulas', async (t) => {
  t.equal(csvLine(['a', 'b,c', 'say "so"', 'x\r\ny']), 'a,"b,c","say ""so""","x\r\ny"\r\n');
  t.equal(csvLine(['＝1+1', '＠x', '\n=1']), `'＝1+1,'＠x,"'\n=1"\r\n`);
  t.equal(csvLine(['=1+1', '+1', '-1', '@x', '\tx', '1-1']), "'=1+1,'+1,'-1,'@x,'\tx,1-1\r\n");
});

t.test('CSV fields are written as they are shown', async (t) => {
  t.equal(csvLine(['甲厂\u202Egnp.exe', 'a\u2066b\u2069\u200Fc']), '甲厂gnp.exe,abc\r\n');
  t.equal(csvLine(['\u202E=1+1', '\uFEFF@x', '\u0001+1']), "'=1+1,'@x,'+1\r\n", 'nor do they hide a formula');
});
