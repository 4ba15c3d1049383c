/**
 * Connections whose client would rather speak another protocol (RFC 9110 §7.8). Once anybody listens for them, Node
 * hands over all of them, with the body unread; some clients ask each server for HTTP/2 in this way. Here those for
 * which there is a websocket are handed on, and of all others the wish is passed over, as the standard allows: the
 * request is served as if it had none.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Longer than answering a handshake takes; an open websocket is looked after by others. */
const handshakeMs = 30_000;
/** Header fields that speak of the other protocol. */
const ofUpgrade: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/** A server that listens nowhere and emits `upgrade` for requests that are `wanted`. */
export function upgradesOf(server: Server, wanted: (request: IncomingMessage) => boolean): Server {
  const upgrades = createServer();
  server.on('upgrade', (request, socket, head) => {
    if (!wanted(request)) return serveAsItIs(server, request, socket, head);
    // Who is refused gets an answer and is let go, whatever becomes of the answer.
    if ('setTimeout' in socket && typeof socket.setTimeout === 'function')
      socket.setTimeout(handshakeMs, () => socket.destroy());
    upgrades.emit('upgrade', request, socket, head);
  });
  return upgrades;
}

/** Begins the connection again with what has come of it, less the wish. */
function serveAsItIs(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = rawHeaders.flatMap((name, i) =>
    i % 2 === 1 || ofUpgrade.has(name.toLowerCase()) ? [] : [`${name}: ${rawHeaders[i + 1]}`],
  );
  const start = `${method} ${url} HTTP/${httpVersion}`;
  socket.unshift(Buffer.concat([Buffer.from([start, ...lines, '', ''].join('\r\n'), 'latin1'), head]));
  server.emit('connection', socket);
}
