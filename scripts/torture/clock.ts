/** Loaded before a service whose clock is to be wrong: at every SIGWINCH it jumps, forth or back by up to a day. */
const jumpMaxMs = 86_400_000;
const right = Date.now;
let wrongMs = 0;
const now = (): number => right() + wrongMs;

globalThis.Date = new Proxy(Date, {
  get: (date, name) => (name === 'now' ? now : Reflect.get(date, name)),
  construct: (date, given, made) => Reflect.construct(date, given.length === 0 ? [now()] : given, made),
});

process.on('SIGWINCH', () => {
  wrongMs = Math.round((Math.random() * 2 - 1) * jumpMaxMs);
});
