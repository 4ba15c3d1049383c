import t from 'tap';
import { createRest } from '../../src/ledger/rest.ts';

/** Longer than any test may take: who rests so long was not woken. */
const long = 3_600_000;

// A rest keeps no process alive; something has to while a test waits for the end of one.
const alive = setInterval(() => {}, long);
t.teardown(() => clearInterval(alive));

t.test('news ends a rest until news, and keeps the next from beginning', async (t) => {
  const rest = createRest();
  const resting = rest.untilNews(long);
  rest.news();
  await resting;
  await rest.untilNews(long);
  rest.begin();
  let rested = false;
  const next = rest.untilNews(long).then(() => {
    rested = true;
  });
  await Promise.resolve();
  t.equal(rested, false, 'what a round has taken up is no news any more');
  rest.wake();
  await next;
});

t.test('a pause is ended by waking or stopping, not by news', async (t) => {
  const rest = createRest();
  await rest.pause(0);
  let paused = true;
  const pause = rest.pause(long).then(() => {
    paused = false;
  });
  rest.news();
  await new Promise(setImmediate);
  t.equal(paused, true);
  rest.wake();
  await pause;
  const last = rest.pause(long);
  rest.stop();
  await last;
  t.equal(rest.stopped, true);
  await rest.pause(long);
  await rest.untilNews(long);
});
