/**
 * Load that keeps its own record of everything it was told: what was acknowledged, with the receipt, and what is not
 * known to have been recorded. It trusts nothing that the service remembers.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** A request with what was answered, if it was. */
export interface Sent {
  readonly key: string;
  readonly body: string;
  readonly hops: number;
  /** `facts` of the receipt, as JSON. */
  facts: string | null;
}

export interface Load {
  /** Everything that was ever sent. */
  readonly sent: readonly Sent[];
  /** Requests that were not answered, or with 503: nobody knows yet. */
  readonly unknown: number;
  /** Signed notes that /log/checkpoint served. */
  readonly notes: ReadonlySet<string>;
  /** Answers that should never be given. */
  readonly wrong: readonly string[];
  /** Sends nothing new any more. */
  stop(): Promise<void>;
  /** Sends a request again with the same key; answers with `facts`. */
  again(sent: Sent): Promise<string>;
}

const lanes = 6;
const hopsMax = 20;
/** Of a request that nobody disturbs. */
const triesMax = 300;

export function startLoad(
  urls: () => readonly string[],
  epcs: readonly string[],
  token: () => Promise<string>,
): Load {
  const sent: Sent[] = [];
  const notes = new Set<string>();
  const wrong: string[] = [];
  let unknown = 0;
  let stopped = false;
  let refs = 0;

  const anyUrl = async (): Promise<string> => {
    for (;;) {
      const running = urls();
      const url = running[Math.floor(Math.random() * running.length)];
      if (url !== undefined) return url;
      await delay(20);
    }
  };

  function request(): Sent {
    const hops = Array.from({ length: 1 + Math.floor(Math.random() * hopsMax) }, () => ({
      hop: 'inspect',
      ref: `T-${refs++}`,
      time: '2026-03-01T10:30:00+08:00',
      epcs: [epcs[Math.floor(Math.random() * epcs.length)]],
    }));
    return { key: randomUUID(), body: JSON.stringify({ hops }), hops: hops.length, facts: null };
  }

  /** `facts` of the receipt; null when nobody knows. */
  async function post({ key, body }: Sent): Promise<string | null> {
    try {
      const response = await fetch(`${await anyUrl()}/v1/events`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await token()}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body,
        signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      if (response.status === 201) return JSON.stringify(JSON.parse(text).facts);
      if (response.status !== 503) wrong.push(`${response.status} ${text.slice(0, 500)}`);
      return null;
    } catch {
      return null;
    }
  }

  async function again(it: Sent): Promise<string> {
    for (let tries = 1; tries <= triesMax; tries++) {
      const facts = await post(it);
      if (facts !== null) return facts;
      await delay(100);
    }
    throw new Error(`${it.key} is not answered, though nobody dies any more; ${wrong.at(-1) ?? 'only 503'}`);
  }

  const sending = Array.from({ length: lanes }, async () => {
    while (!stopped) {
      const fresh = request();
      sent.push(fresh);
      fresh.facts = await post(fresh);
      if (fresh.facts === null) unknown++;
    }
  });
  const watching = (async () => {
    while (!stopped) {
      const note = await fetch(`${await anyUrl()}/log/checkpoint`)
        .then((response) => (response.ok ? response.text() : null))
        .catch(() => null);
      if (note !== null) notes.add(note);
      await delay(200);
    }
  })();
  return {
    sent,
    get unknown() {
      return unknown;
    },
    notes,
    wrong,
    async stop() {
      stopped = true;
      await Promise.all([...sending, watching]);
    },
    again,
  };
}
