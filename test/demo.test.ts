import t from 'tap';
import { Client } from '../scripts/api.ts';
import { play } from '../scripts/demo/play.ts';
import { report, verify } from '../scripts/demo/report.ts';
import { testService } from './support/service.ts';

t.test('the demo, small: every verdict it promises, and a unit traced back to its maker', async (t) => {
  const service = await testService(t);
  const url = await service.listen();
  const steps: string[] = [];
  const played = await play(
    new Client(url, 'operator', service.deps.operatorSecret),
    { makers: 11, tiers: [2, 2, 3], users: 12, firms: 2, palletsAMaker: 1 },
    (step) => steps.push(step),
    () => {},
  );
  t.equal(steps.length, 9, 'the progress bar counts the steps there are');
  const { consistent, cloned, retired, forged } = played.troubles;
  const verdicts = [];
  for (const code of [consistent.code, cloned.code, forged, retired.code])
    verdicts.push((await verify(url, code)).verdict);
  t.same(verdicts, ['consistent', 'conflicted', 'forged', 'retired']);
  const text = await report(url, played);
  t.match(text, new RegExp(`produce +${played.cast.makers[0]?.name}`), 'the trace leads to the maker');
});
