/** What a process says while it runs. */
import type { Readable } from 'node:stream';

export interface Output {
  /** What it has said so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** Gathers both from now on. */
export const outputOf = (child: { readonly stdout: Readable; readonly stderr: Readable }): Output => ({
  stdout: gathered(child.stdout),
  stderr: gathered(child.stderr),
});

function gathered(stream: Readable): () => string {
  let text = '';
  // A character may come in two pieces.
  stream.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return () => text;
}
