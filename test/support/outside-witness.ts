/** A witness of somebody else, over real HTTP: it judges as the specification says, unless told to misbehave. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cosignedText, formatCosignature } from '../../src/core/log/checkpoint.ts';
import { formatSignature, noteKeyId, signatureTypes } from '../../src/core/log/note.ts';
import { judge, nothingWitnessed, parseAddCheckpoint } from '../../src/core/log/tlog-witness.ts';
import { noteKeyPair } from './outside-log.ts';
import type { Teardown } from './postgres.ts';

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly location?: string;
}

export async function outsideWitness(t: Teardown, name: string) {
  const pair = noteKeyPair(name, signatureTypes.cosignature);
  const requests: string[] = [];
  const witness = {
    key: pair.key,
    url: '',
    /** Bodies of the requests so far. */
    requests,
    /** What it cosigned last. */
    known: nothingWitnessed,
    /** Answers instead of those it would give, first come first served. */
    tricks: [] as Answer[],
    /** Line of a cosignature over a text. */
    line(text: string, seconds = 1_700_000_000): string {
      const bytes = formatCosignature(seconds, pair.sign(cosignedText(text, seconds)));
      return formatSignature({ name, id: noteKeyId(pair.key), bytes });
    },
  };
  function answer(body: string): Answer {
    const trick = witness.tricks.shift();
    if (trick !== undefined) return trick;
    const submission = parseAddCheckpoint(body);
    if (!submission.ok) return { status: 400 };
    const { note, checkpoint } = submission.value;
    switch (judge(witness.known, submission.value)) {
      case 'beyond':
        return { status: 400 };
      case 'conflict':
        return { status: 409, type: 'text/x.tlog.size', body: `${witness.known.size}\n` };
      case 'unproven':
        return { status: 422 };
      case 'cosign':
        witness.known = checkpoint;
        return { status: 200, body: witness.line(note.text) };
    }
  }
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    requests.push(body);
    const { status, type = 'text/plain', body: said = '', location } = answer(body);
    response
      .writeHead(status, { 'content-type': type, ...(location === undefined ? {} : { location }) })
      .end(said);
  });
  witness.url = `${await listening(t, server)}/w`;
  return witness;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** Listens on a free port until the test ends, and answers the origin. */
export async function listening(t: Teardown, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
