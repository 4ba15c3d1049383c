/** JSON Schema of the public log. */
import { Type } from '@sinclair/typebox';
import { anySpelling, closed } from '../vocabulary.ts';

const hash = (description: string) =>
  Type.String({ minLength: 43, maxLength: 43, description: `${description}, 32 bytes in base64url` });

/** Sizes and numbers of entries; larger ones than there can be are refused alike. */
const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });

export const seqParams = closed({ seq: count('Number of the entry') });
export const consistencyQuery = closed({
  from: count('Size of the older tree'),
  to: count('Size of the newer tree'),
});

export const EntrySchema = closed(
  {
    seq: Type.Integer(),
    at: Type.String({ format: 'date-time' }),
    digest: hash('What the entry commits to'),
    prev: hash('Leaf hash of the entry before'),
    leaf: hash('Leaf hash of this entry'),
    bytes: Type.String({
      description: 'The entry itself: canonical JSON whose SHA-256 after a zero byte is `leaf`',
    }),
  },
  'LogEntry',
);

export const InclusionSchema = closed(
  {
    seq: Type.Integer(),
    leaf: hash('Leaf hash of the entry'),
    size: Type.Integer({ description: 'Entries under the checkpoint' }),
    root: hash('Root hash of the checkpoint'),
    hashes: Type.Array(hash('Sibling'), { description: 'RFC 6962 audit path, from the leaf upwards' }),
    checkpoint: Type.String({ description: 'Signed note (C2SP tlog-checkpoint)' }),
  },
  'InclusionProof',
);

/** Proofs for consecutive entries under one checkpoint. */
export const PublishedSchema = closed(
  {
    size: Type.Integer({ description: 'Entries under the checkpoint' }),
    root: hash('Root hash of the checkpoint'),
    checkpoint: Type.String({ description: 'Signed note (C2SP tlog-checkpoint)' }),
    proofs: Type.Array(
      closed({
        seq: Type.Integer({ description: 'Number of the entry' }),
        hashes: Type.Array(hash('Sibling'), { description: 'RFC 6962 audit path, from the leaf upwards' }),
      }),
    ),
  },
  'Published',
);

export const ConsistencySchema = closed(
  {
    from: Type.Integer(),
    to: Type.Integer(),
    fromRoot: hash('Root hash of the older tree'),
    toRoot: hash('Root hash of the newer tree'),
    hashes: Type.Array(hash('Node'), { description: 'RFC 6962 consistency proof' }),
  },
  'ConsistencyProof',
);

export const PublicFactSchema = closed(
  {
    seq: Type.Integer(),
    payload: Type.String({ description: 'Canonical JSON of the fact' }),
    salt: Type.String({ description: 'Opens the digest of its entry, 16 bytes in base64url' }),
  },
  'PublicFact',
);

export const HeadsSchema = closed(
  {
    seq: Type.Integer({ description: 'The entry `heads`' }),
    size: Type.Integer({ description: 'Entries that it counts: those with a smaller number' }),
    root: hash('Root of the map of heads'),
    count: Type.Integer({ description: 'Identifiers in the map' }),
  },
  'Heads',
);

export const headProofQuery = closed({ epc: anySpelling('Unit, container, lot or place') });

export const HeadProofSchema = closed(
  {
    epc: Type.String({ description: 'Canonical identifier' }),
    entries: Type.Union([Type.Integer(), Type.Null()], {
      description: 'How many entries below `heads.size` name it; null when none does',
    }),
    link: Type.Union([hash('Last link of its chain'), Type.Null()]),
    proof: Type.String({
      description: 'Proof under `heads.root`, base64url; src/core/log/heads.ts has the format',
    }),
    heads: HeadsSchema,
    payload: Type.String({ description: 'The fact of the entry `heads`, canonical JSON' }),
    salt: Type.String({ description: 'Opens the digest of that entry, 16 bytes in base64url' }),
    entry: Type.String({ description: 'That entry itself, canonical JSON' }),
    inclusion: InclusionSchema,
  },
  'HeadProof',
);
