/** The commands of docs/epcis.md, run as they stand there. */
import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { operatorOf } from '../../support/actors.ts';
import { outputOf } from '../../support/output.ts';
import { receiver } from '../../support/receiver.ts';
import { testService } from '../../support/service.ts';
import { supplyChain } from '../../support/supply-chain.ts';
import { until } from '../../support/until.ts';

const root = new URL('.', import.meta.resolve('#root/package.json'));
const text = readFileSync(new URL('docs/epcis.md', root), 'utf8');

t.test('what the document shows can be done as it stands', { timeout: 180_000 }, async (t) => {
  const webhookNetworks = [{ address: '127.0.0.0', prefix: 8 }];
  const service = await testService(t, { service: { webhookNetworks } });
  const outside = await receiver(t);
  const { maker } = await supplyChain(service);
  const made = await operatorOf(service).send('POST', `/v1/parties/${maker.id}/clients`, { label: 'ERP' });
  const { client_id: CLIENT_ID, client_secret: CLIENT_SECRET } = made.json();
  const fence = '--- block ---';
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, it = '']) => it);
  const folder = t.testdir();
  const example = fileURLToPath(new URL('examples/check-epcis-proof.mjs', root));
  const script = ['set -euo pipefail', ...blocks]
    .join(`\necho '${fence}'\n`)
    .replaceAll('examples/check-epcis-proof.mjs', example);
  const origin = await service.listen();
  const { code, stdout, stderr } = await new Promise<{ code: number | null; stdout: string; stderr: string }>(
    (resolve, reject) => {
      const env = { PATH: process.env.PATH, URL: origin, CLIENT_ID, CLIENT_SECRET, DEST: outside.url };
      const child = spawn('bash', ['-s'], { cwd: folder, env });
      const { stdout, stderr } = outputOf(child);
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout: stdout(), stderr: stderr() }));
      child.stdin.end(script);
    },
  );
  t.equal(code, 0, `${stdout}\n${stderr}`);
  const [, , event, document, xml, found, written, proven, named, subscribed, masterData, links] = stdout
    .split(`${fence}\n`)
    .map((it) => it.trim());
  t.match(event, /"receipt"/);
  for (const job of [document, xml])
    t.match(JSON.parse(job ?? ''), { running: false, success: true, errors: [] });
  const answers = (found ?? '').split(/(?<=\})(?=\{"@context)/).map((it) => JSON.parse(it));
  const steps = answers.map((it) =>
    it.epcisBody.queryResults.resultsBody.eventList.map(({ bizStep }: { bizStep: string }) => bizStep),
  );
  t.strictSame(steps, [
    ['commissioning', 'packing'],
    ['shipping', 'packing'],
    ['shipping', 'commissioning'],
  ]);
  t.match(written, /<epc>urn:epc:id:sgtin:6901234\.056789\.DOC2<\/epc>/);
  t.match(proven, /is in the log of \d+, and says:[\s\S]*01\/06901234567892\/21\/DOC1/);
  t.match(named, /"shipments"[\s\S]*"shipping"/);
  t.match(subscribed, /"subscriptionID"/);
  t.match(masterData, /"vocabularyList"/);
  t.match(links, /"linkset"/);

  await until(async () => outside.received.length > 0);
  const [message] = outside.received;
  if (message === undefined) throw new Error('nothing has come');
  const { headers, body } = message;
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const mac = createHmac('sha256', 'a secret of the subscriber').update(signed).digest('base64');
  t.equal(headers['gs1-signature'], `v1,${mac}`);
  t.match(body, /"shipping"/, 'what was captured before comes too');

  const answer = readFileSync(`${folder}/answer.json`, 'utf8');
  const run = (text: string) => {
    writeFileSync(`${folder}/changed.json`, text);
    return spawnSync(process.execPath, [example, `${folder}/changed.json`, `${folder}/log-key.txt`]).status;
  };
  t.equal(run(answer), 0);
  const { checkpoint, entries } = JSON.parse(answer)['suyuan:proof'];
  const [leaf] = entries[0].fact.lists.epcList.leaves;
  const changes: Readonly<Record<string, string>> = {
    [checkpoint.split('\n')[2]]: Buffer.alloc(32).toString('base64'),
    [entries[0].path[0]]: entries[0].path[1],
    [entries[0].entry.digest]: entries[1].entry.digest,
    [entries[0].fact.shown[0]]: entries[1].fact.shown[0],
    [leaf]: Buffer.from('["salt","01/06901234567892/21/X"]').toString('base64url'),
  };
  for (const [was, is] of Object.entries(changes))
    t.equal(run(answer.replaceAll(was, is)), 1, `${was} → ${is}`);
});
