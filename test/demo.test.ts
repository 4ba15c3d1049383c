import t from 'tap';
import { Client } from '../scripts/api.ts';
import { play } from '../scripts/demo/play.ts';
import { report, verify } from '../scripts/demo/report.ts';
import { testService } from './support/service.ts';

t.test('the demo, small: every verdict it promises, and a carton traced back to its maker', async (t) => {
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
  const [maker] = played.cast.makers;
  const { carton } = played;
  const hops = [...text.matchAll(/^ {2}#\d+ +(\S+) +(\w+) \S+ +(.+?) {2,}/gm)];
  t.strictSame(
    hops.map(([, , hop]) => hop),
    [
      ...['unpack', 'receive', 'ship', 'receive', 'ship', 'unpack', 'receive', 'ship', 'pack', 'pack'],
      'produce',
    ],
    'hop by hop, newest first',
  );
  t.equal(hops[0]?.[3], carton.dealer?.name, 'the trace begins at the dealer');
  t.equal(hops.at(-1)?.[3], maker?.name, 'and leads to the maker');
  const days = hops.map(([, day]) => day);
  t.strictSame(days, [...days].sort().reverse());

  const [page = '', start = ''] = [...text.matchAll(/^ {2}(http:\S+)$/gm)].map(([, found = '']) => found);
  const people = { headers: { accept: 'text/html', 'accept-language': 'zh-CN' } };
  const opened = await fetch(page, people);
  t.match([opened.status, await opened.text()], [200, maker?.name], 'the page opens without a token');
  t.equal((await fetch(start, people)).status, 200);
  const [trace = '', ...others] = [...text.matchAll(/^ {2}curl .+ '(http:\S+)'/gm)].map(
    ([, found = '']) => found,
  );
  const token = `Bearer ${await played.cast.regulator.client.token()}`;
  const asked = await Promise.all(
    [trace, ...others].map((path) => fetch(path, { headers: { authorization: token } })),
  );
  t.strictSame(
    asked.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  );
  t.match(await asked[0]?.json(), { epc: carton.epc });
});
