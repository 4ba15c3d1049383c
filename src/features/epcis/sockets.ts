/**
 * Named queries followed over websockets (EPCIS 2.0 §12.9): what is recorded is sent as query documents, in order, for
 * as long as the socket is open. Nothing is kept of it: whoever comes again says by `initialRecordTime` from where on.
 *
 * The next events are read when those before have left for the network, so that of each socket one message at most
 * waits here. It closes when its token ends, its client is revoked, its query goes, or its peer is heard of no more.
 */
import type { WebSocket } from 'ws';
import { nextTime } from '../../core/epcis/query-schedule.ts';
import { Refusal } from '../../errors.ts';
import type { Caller } from '../../http/authentication.ts';
import { isRevoked } from '../access/queries.ts';
import { createRounds } from '../rounds.ts';
import { eventsMax, nextOf, type Telling, writeMessage } from './next-events.ts';
import type { QueryDeps } from './querying.ts';
import type { Times } from './terms.ts';

/** What one process bears. */
export interface SocketLimits {
  /** Sockets of a party, and of all. */
  readonly ofPartyMax: number;
  readonly socketsMax: number;
  /** A peer that has not answered a ping by the next is gone. */
  readonly pingMs: number;
}
const usual: SocketLimits = { ofPartyMax: 10, socketsMax: 500, pingMs: 30_000 };
/** Sockets that are worked for at once. */
const atOnce = 4;
const pollMs = 1_000;
/** Given to peers to say goodbye when we stop. */
const goodbyeMs = 2_000;
const route = '/epcis/v2/queries/:name/events';

/** Bytes of a message to us; none is read. */
export const incomingBytesMax = 1_024;

/** Codes of RFC 6455 §7.4.1. */
const goingAway = 1001;
const policy = 1008;
const failed = 1011;
const tryLater = 1013;
/** RFC 6455 §5.5: bytes of a reason. */
const reasonMax = 123;

/** What a socket is opened for. */
export interface Wanted extends Telling {
  readonly caller: Caller;
  readonly schedule: Times['schedule'];
  readonly reportIfEmpty: boolean;
  /** The entry from which on events are sent. */
  readonly watermark: number;
  /** From when on the token is refused, ms since the epoch by the clock of tokens. */
  readonly endsAt: number;
}

interface Open extends Omit<Wanted, 'watermark'> {
  readonly socket: WebSocket;
  watermark: number;
  /** Entries looked at for whether the client is revoked. */
  checked: number;
  /** Of a schedule: when events are asked for again. */
  dueAt: number;
  /** The run under way has sent something already. */
  begun: boolean;
  /** More is known to come. */
  more: boolean;
  isBusy: boolean;
  isAlive: boolean;
}

export interface Sockets {
  start(): void;
  /** Refusals: `state-conflict`, `overloaded`, `unavailable` while closing. */
  checkRoom(caller: Caller): void;
  open(socket: WebSocket, wanted: Wanted): void;
  /** Ends all of them, and what is under way for them. */
  stop(): Promise<void>;
}

export function createSockets(
  deps: QueryDeps,
  log: { error(details: object, message: string): void },
  { ofPartyMax, socketsMax, pingMs }: SocketLimits = usual,
): Sockets {
  /** Those that waited longest first. */
  const sockets = new Set<Open>();
  const rounds = createRounds({
    atOnce,
    pollMs,
    due,
    onError: (error) => log.error({ err: error }, 'sockets cannot be looked at; trying again'),
  });
  let pinging: NodeJS.Timeout | null = null;

  function checkRoom({ party }: Caller): void {
    if (rounds.stopped)
      throw new Refusal('unavailable', 'The service is closing; open the socket again later.', {
        retryAfter: 5,
      });
    if (sockets.size >= socketsMax)
      throw new Refusal('overloaded', 'As many sockets are open as may be; open it again later.', {
        retryAfter: 60,
      });
    const own = [...sockets].filter((it) => it.caller.party === party).length;
    if (own >= ofPartyMax)
      throw new Refusal('state-conflict', `You have ${ofPartyMax} sockets open already; close one first.`);
  }

  function open(socket: WebSocket, wanted: Wanted): void {
    // Others may have come during the handshake.
    try {
      checkRoom(wanted.caller);
    } catch (error) {
      end(socket, tryLater, error);
      return;
    }
    const { schedule } = wanted;
    const it: Open = {
      ...wanted,
      socket,
      checked: 0,
      dueAt: schedule === null ? 0 : (nextTime(schedule.read, deps.now()) ?? Number.MAX_SAFE_INTEGER),
      begun: false,
      more: false,
      isBusy: false,
      isAlive: true,
    };
    sockets.add(it);
    const expiry = setTimeout(
      () => socket.close(policy, 'The access token has expired; open another with a new one.'),
      Math.max(0, wanted.endsAt - Date.now()),
    );
    expiry.unref();
    socket.on('pong', () => {
      it.isAlive = true;
    });
    socket.on('message', () => socket.close(policy, 'Nothing that is sent here is read.'));
    socket.on('close', () => {
      clearTimeout(expiry);
      sockets.delete(it);
    });
    rounds.news();
  }

  async function due(limit: number): Promise<(() => Promise<void>)[]> {
    if (sockets.size === 0) return [];
    const [size, now] = [await deps.ledger.size(), deps.now()];
    const found: (() => Promise<void>)[] = [];
    for (const it of [...sockets]) {
      if (found.length >= limit) break;
      const { socket } = it;
      if (it.isBusy || socket.readyState !== socket.OPEN || socket.bufferedAmount > 0) continue;
      const isDue = it.schedule === null ? it.watermark < size : it.more || it.dueAt <= now;
      if (!isDue && it.checked >= size) continue;
      it.isBusy = true;
      // Behind the others, if it is still there.
      if (sockets.delete(it)) sockets.add(it);
      found.push(() =>
        advance(it, size, isDue)
          .catch((error: unknown) => {
            if (!(error instanceof Refusal))
              log.error({ err: error, query: it.query }, 'a socket was given up');
            end(it.socket, error instanceof Refusal ? policy : failed, error);
          })
          .finally(() => {
            it.isBusy = false;
          }),
      );
    }
    return found;
  }

  async function advance(it: Open, size: number, isDue: boolean): Promise<void> {
    // What a client may be sent ends with the client.
    if (it.checked < size && (await isRevoked(deps.reads.sql, it.caller.client)))
      return it.socket.close(policy, 'The client is revoked.');
    it.checked = size;
    if (!isDue) return;
    const askedAt = deps.now();
    const { events, watermark, more } = await nextOf(deps, { ...it, route, perPage: eventsMax }, size);
    const isReport = it.schedule !== null && it.reportIfEmpty && !more && !it.begun;
    it.watermark = watermark;
    it.more = more;
    it.begun = more && (it.begun || events.length > 0);
    if (it.schedule !== null && !more)
      it.dueAt = nextTime(it.schedule.read, askedAt) ?? Number.MAX_SAFE_INTEGER;
    if (events.length === 0 && !isReport) return;
    const { text } = await writeMessage(deps, it, events);
    it.socket.send(text, () => rounds.news());
  }

  /** Lets go of who did not answer, and asks again. */
  function ping(): void {
    for (const it of sockets) {
      const { isAlive, socket } = it;
      it.isAlive = false;
      if (!isAlive) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.ping();
    }
  }

  return {
    start() {
      rounds.start();
      pinging ??= setInterval(ping, pingMs).unref();
    },
    checkRoom,
    open,
    async stop() {
      const worked = rounds.stop();
      clearInterval(pinging ?? undefined);
      const closed = [...sockets].map(({ socket }) => {
        const gone = new Promise((resolve) => socket.once('close', resolve));
        socket.close(goingAway, 'The service is closing.');
        setTimeout(() => socket.terminate(), goodbyeMs).unref();
        return gone;
      });
      await Promise.all([worked, ...closed]);
    },
  };
}

function end(socket: WebSocket, code: number, error: unknown): void {
  socket.close(code, error instanceof Refusal ? reasonOf(error) : 'Open it again.');
}

/** What fits, in whole characters: names of queries may be Chinese, of which a longer reason is an error of ours. */
function reasonOf({ message }: Refusal): Buffer {
  const bytes = Buffer.alloc(reasonMax);
  return bytes.subarray(0, new TextEncoder().encodeInto(message, bytes).written);
}
