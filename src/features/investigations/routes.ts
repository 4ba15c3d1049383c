/** Investigations: from suspicious units to where they come from. */
import { caller } from '../../http/authentication.ts';
import { problemResponses } from '../../http/problems.ts';
import { auditRead } from '../access/read-audit.ts';
import { readerOf } from '../access/reader.ts';
import type { Feature } from '../feature.ts';
import { namesOf } from '../tracing/names.ts';
import { CommonSourceBody, CommonSourceSchema } from './schemas.ts';
import { findCommonSource } from './service.ts';

export const investigations: Feature = async (app, deps) => {
  const names = namesOf(deps);

  app.post(
    '/v1/investigations/common-source',
    {
      schema: {
        tags: ['investigations'],
        summary: 'Which one source explains these bad units best 共同来源研判',
        description:
          'Ranks everybody and everything upstream of the bad units by how well it explains that these are bad and others are good: parties, places, lots, containers, shipments, certificates, laboratories, maintenance firms. What these units cannot tell apart shares a rank. The maker that a code claims is kept apart from the first party that the record shows to have had the unit. Units count that touch your jurisdiction.',
        body: CommonSourceBody,
        response: {
          200: CommonSourceSchema,
          ...problemResponses(
            'forbidden',
            'not-found',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-serial',
            'invalid-time',
            'duplicate-epc',
            'too-many-epcs',
          ),
        },
      },
    },
    async (request) => {
      const reader = await readerOf(deps.reads.sql, caller(request));
      const answer = await findCommonSource({ ...deps, names }, reader, request.body);
      auditRead(deps.audit, request, `common source of ${answer.bad} units`);
      return answer;
    },
  );
};
