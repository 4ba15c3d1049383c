/** Two services, each the witness of the other, as their operators set them up: keys exchanged, then settings. */
import { createServer, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { loadConfig } from '../../../src/config.ts';
import { cosignedAt, parseCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { isSignedBy, parseNote, parseNoteKey } from '../../../src/core/log/note.ts';
import { note as remark } from '../../support/log.ts';
import { listening } from '../../support/outside-witness.ts';
import type { Teardown } from '../../support/postgres.ts';
import { type TestService, testService } from '../../support/service.ts';

const read = <T>(result: { ok: true; value: T } | { ok: false; code: string }): T => {
  if (!result.ok) throw new Error(result.code);
  return result.value;
};

/** An address that is there before the service behind it. */
async function address(t: Teardown) {
  let origin: string | null = null;
  const url = await listening(
    t,
    createServer((asked, answer) => {
      if (origin === null) {
        answer.writeHead(502).end();
        return;
      }
      const { method = 'GET', headers } = asked;
      const on = request(new URL(asked.url ?? '/', origin), { method, headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      });
      on.on('error', () => answer.destroy());
      asked.pipe(on);
    }),
  );
  return {
    url,
    leadsTo: (it: string) => {
      origin = it;
    },
  };
}

const firstLine = async ({ app }: TestService, url: string): Promise<string> =>
  (await app.inject(url)).body.split('\n')[0] ?? '';

t.test('each cosigns the checkpoints of the other', async (t) => {
  const names = ['a', 'b'] as const;
  const before = { a: await alone('a'), b: await alone('b') };
  const other = { a: 'b', b: 'a' } as const;
  async function alone(name: string) {
    const service = await testService(t, { service: { publicUrl: `https://${name}.example` } });
    const keys = {
      log: await firstLine(service, '/log/key'),
      witness: await firstLine(service, '/witness/key'),
    };
    await service.app.close();
    return { service, keys, address: await address(t) };
  }
  async function together(name: 'a' | 'b') {
    const { keys, address } = before[other[name]];
    const { witnesses, witnessQuorum, witnessedLogs } = loadConfig({
      WITNESSES: `${keys.witness} ${address.url}/witness`,
      WITNESSED_LOGS: keys.log,
    });
    const service = await testService(t, {
      beside: before[name].service,
      service: { publicUrl: `https://${name}.example`, witnesses, witnessQuorum, witnessedLogs },
    });
    before[name].address.leadsTo(await service.listen());
    return service;
  }
  const services = { a: await together('a'), b: await together('b') };

  for (let round = 0; round < 3; round++)
    for (const name of names) {
      const { deps, app } = services[name];
      await deps.ledger.append([remark(deps.genesis.operator, `${name} ${round}`)]);
      const size = await deps.ledger.size();
      await deps.checkpoints.covering(size - 1, 60_000);
      const witness = read(parseNoteKey(before[other[name]].keys.witness));
      for (;;) {
        const note = read(parseNote((await app.inject('/log/checkpoint')).body));
        if (read(parseCheckpoint(note.text)).size >= size && cosignedAt(note, witness) !== null) {
          t.ok(isSignedBy(note, read(parseNoteKey(before[name].keys.log))), 'by the log');
          t.equal(note.signatures.length, 2, 'and by the other as its witness');
          break;
        }
        await delay(20);
      }
    }
  for (const name of names)
    t.match((await services[name].app.inject('/readyz')).json(), {
      status: 'ready',
      witnesses: { witnesses: 1, quorum: 1, late: false },
    });
});
