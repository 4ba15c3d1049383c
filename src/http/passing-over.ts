/**
 * Bodies that are refused before their end. Whoever still sends when the connection closes may lose the answer (RFC 9112
 * §9.6): what comes is passed over for a while, up to the end of the body or of our patience.
 */
import type { Readable } from 'node:stream';

const patienceMs = 3_000;

/** Reads on without keeping anything; cuts the connection after some seconds, or after so many bytes. */
export function passOver(body: Readable, bytesMax: number): void {
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) body.destroy();
  });
  body.resume();
  setTimeout(() => {
    if (!body.readableEnded) body.destroy();
  }, patienceMs).unref();
}
