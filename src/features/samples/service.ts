/** Results of official sampling as everybody sees them. */

import { type Static, Type } from '@sinclair/typebox';
import { outcomes } from '../../core/events/hop.ts';
import { decodeComponent } from '../../core/gs1/gs1-text.ts';
import { gtinIn } from '../../core/gs1/identifier-forms.ts';
import { required } from '../../errors.ts';
import { decodeCursor, page } from '../../http/paging.ts';
import type { FeatureDeps } from '../feature.ts';
import { requireRegion } from '../policies/policies.ts';
import type { LoadNames } from '../tracing/names.ts';
import { oneOf, region } from '../vocabulary.ts';
import { searchOf, searchQuery } from './asked.ts';
import { type SampleResult, sampleResults } from './queries.ts';

const nullable = Type.Union([Type.String(), Type.Null()]);
const bilingual = Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() });

export const samplesQuery = {
  ...searchQuery,
  region: Type.Optional(region),
  outcome: Type.Optional(oneOf(outcomes, 'What was found')),
};
export type SamplesQuery = Static<ReturnType<typeof Type.Object<typeof samplesQuery>>>;

export const SampleSchema = Type.Object({
  entry: Type.Integer({ description: 'Log entry of the result' }),
  at: Type.String({ format: 'date-time', description: 'When it was found' }),
  outcome: oneOf(outcomes),
  authority: Type.Object({ name: Type.String(), nameEn: nullable }),
  region: Type.Union([bilingual, Type.Null()], { description: 'Prefecture where it was sampled' }),
  products: Type.Array(
    Type.Object({
      gtin: Type.String(),
      name: nullable,
      nameEn: nullable,
      maker: nullable,
      makerEn: nullable,
      lots: Type.Array(Type.String()),
    }),
  ),
});
export type SampleView = Static<typeof SampleSchema>;

export type Samples = (query: SamplesQuery) => Promise<{ items: SampleView[]; next: string | null }>;

/** Faults: those of the values in the query. */
export const createSamples =
  ({ reads: { sql }, policies }: Pick<FeatureDeps, 'reads' | 'policies'>, load: LoadNames): Samples =>
  async ({ limit, cursor, region = null, outcome = null, ...asked }) => {
    if (region !== null) requireRegion(policies, region, '/region');
    const [before] = required(decodeCursor('samples', cursor, ['number'])) ?? [Number.MAX_SAFE_INTEGER];
    const search = { ...(await searchOf(sql, asked)), region, outcome };
    const rows = await sampleResults(sql, search, Number(before), limit + 1);
    const { items, next } = page('samples', rows, limit, ({ seq }) => [seq]);
    const gtins = items.flatMap(({ things }) => things.map((thing) => gtinIn(thing)));
    const named = await load({ parties: items.map(({ by }) => by), gtins });
    const owners = [...new Set(gtins)].flatMap((gtin) => named.product(gtin).owner ?? []);
    const makers = await load({ parties: owners });
    const view = ({ seq, at, outcome, by, region, things }: SampleResult): SampleView => {
      const { name, nameEn } = named.party(by);
      const prefecture = region === null ? null : `${region.slice(0, 4)}00`;
      return {
        entry: seq,
        at: new Date(at).toISOString(),
        outcome,
        authority: { name, nameEn },
        region:
          prefecture === null ? null : { code: prefecture, ...policies.regionName(prefecture, 'prefecture') },
        products: [...new Set(things.map((thing) => gtinIn(thing)))].map((gtin) => {
          const { name, nameEn, owner } = named.product(gtin);
          const maker = owner === null ? null : makers.party(owner);
          const lots = things
            .filter((thing) => gtinIn(thing) === gtin && thing.length > 17)
            .map((thing) => required(decodeComponent(thing.slice(21))));
          return { gtin, name, nameEn, maker: maker?.name ?? null, makerEn: maker?.nameEn ?? null, lots };
        }),
      };
    };
    return { items: items.map(view), next };
  };
