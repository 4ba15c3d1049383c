/** Personal data erased: by whoever recorded it, or by the operator who keeps it for them. */
import { Type } from '@sinclair/typebox';
import type { ErasureFact } from '../../core/log/fact.ts';
import { arrayLiteral } from '../../database/array-literal.ts';
import type { Sql } from '../../database/connection.ts';
import { Refusal } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { askedUnder, recordFact } from '../master-data.ts';
import { askedSeq, closed, idempotencyHeaders, line, seq } from '../vocabulary.ts';

const entriesMax = 1_000;

const ErasureBodySchema = closed(
  {
    entries: Type.Array(askedSeq, {
      minItems: 1,
      maxItems: entriesMax,
      uniqueItems: true,
      description: 'Entries whose personal data is to go, all or none',
    }),
    ground: line('The law that asks for it, such as 个人信息保护法第四十七条 or GDPR Article 17'),
    number: Type.Optional(
      line('Number of the request or case; name no person, for this stays for ever', 100),
    ),
  },
  'ErasureRequest',
);

const ErasureSchema = Type.Object(
  {
    seq: { ...seq, description: 'Log entry that says so' },
    entries: Type.Array(Type.Integer()),
    ground: Type.String(),
    number: Type.Optional(Type.String()),
  },
  { title: 'Erasure' },
);

export const erasures: Feature = async (app, { db, ledger }) => {
  app.post(
    '/v1/erasures',
    {
      schema: {
        tags: ['personal data'],
        summary:
          'Erase personal data; its hash stays, so that all else is as provable as before 删除个人信息',
        headers: idempotencyHeaders,
        body: ErasureBodySchema,
        response: {
          201: ErasureSchema,
          ...problemResponses('invalid-request', 'not-found', 'already-exists'),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('erasures', request);
      const recorded = await recordFact(ledger, 'erasure', asked, async () => {
        const { ground, number } = request.body;
        const entries = [...request.body.entries].sort((a, b) => a - b);
        await refuseOthers(db.sql, by, request.body.entries);
        const fact: ErasureFact = { kind: 'erasure', by: by.party, entries, ground: ground.trim() };
        return { fact: number === undefined ? fact : { ...fact, number: number.trim() } };
      });
      const { entries, ground, number } = recorded.fact;
      reply.code(201);
      return {
        seq: recorded.seq,
        entries: [...entries],
        ground,
        ...(number === undefined ? {} : { number }),
      };
    },
  );
};

/** Entries without personal data, and those of others but to the operator, are refused alike: nobody learns which is which. */
async function refuseOthers(sql: Sql, by: Caller, entries: readonly number[]): Promise<void> {
  const rows = await sql<{ seq: number }[]>`
    SELECT p.seq FROM privates p JOIN facts f USING (seq)
    WHERE p.seq = ANY (${arrayLiteral(entries)}::bigint[]) AND p.value IS NOT NULL
      AND (${by.roles.includes('operator')} OR f.payload::jsonb ->> 'by' = ${by.party})`;
  const found = new Set(rows.map((row) => row.seq));
  const faults = entries.flatMap((entry, i) =>
    found.has(entry)
      ? []
      : [
          {
            code: 'not-found' as const,
            detail: `You have recorded no personal data with entry ${entry}, or it is erased already; leave it out.`,
            pointer: `/entries/${i}`,
          },
        ],
  );
  const [first] = faults;
  if (first !== undefined) throw new Refusal(first.code, first.detail, { faults });
}
