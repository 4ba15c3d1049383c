/**
 * Where places are and what products are like, kept in memory by whoever derives findings, as masters.ts keeps parties:
 * both tables only grow, so catching up is reading what is beyond the last seq seen, and any earlier prefix of the log
 * can be asked for afterwards.
 */
import type { PlaceId } from '../../core/events/hop.ts';
import { append } from '../../core/grouping.ts';
import { parseQuantity, pieces } from '../../core/quantity.ts';
import type { Position, ProductTraits } from '../../core/rules/thing.ts';
import type { Sql } from '../../database/connection.ts';

export interface Atlas {
  /** Reads what was recorded since. One statement. */
  catchUp(): Promise<void>;
  /** By the entries before `before`; null where that is not told. */
  positionOf(place: PlaceId, before: number): Position | null;
  /** By the entries before `before`; null for what nobody described. */
  product(gtin: string, before: number): ProductTraits | null;
  /** Entries by which products came into a category or went out of it, in order of seq. */
  filings(): readonly Filing[];
}

/** That a product is of a category from an entry on. */
export interface Filing {
  readonly seq: number;
  readonly gtin: string;
  readonly category: string | null;
}

interface Row {
  readonly kind: 'place' | 'product';
  readonly seq: number;
  readonly id: string;
  readonly body: {
    readonly latitude?: string;
    readonly longitude?: string;
    readonly radius?: number;
    readonly model?: string;
    readonly serviceLifeMonths?: number;
    readonly standard?: string;
    readonly category?: string;
    readonly content?: { readonly quantity: string; readonly uom: string };
  } | null;
}

interface Version<T> {
  readonly seq: number;
  readonly value: T;
}

export function createAtlas(sql: Sql): Atlas {
  const places = new Map<string, Version<Position | null>[]>();
  const products = new Map<string, Version<ProductTraits>[]>();
  const filings: Filing[] = [];
  let last = -1;

  function take({ kind, seq, id, body }: Row): void {
    if (kind === 'product') {
      const { model = '', serviceLifeMonths = null, standard = '', category = null } = body ?? {};
      const amount = body?.content && parseQuantity(body.content.quantity, body.content.uom);
      const content = amount?.ok ? { amount: amount.value, uom: body?.content?.uom ?? pieces } : null;
      const before = products.get(id)?.at(-1)?.value.category ?? null;
      if (category !== before) filings.push({ seq, gtin: id, category });
      append(products, id, { seq, value: { model, serviceLifeMonths, standard, category, content } });
      return;
    }
    const { latitude, longitude, radius } = body ?? {};
    const told = latitude !== undefined && longitude !== undefined && radius !== undefined;
    // Most places tell none: only of those that did before it matters that they do no longer.
    if (!told && !places.has(id)) return;
    const value = told ? { latitude: Number(latitude), longitude: Number(longitude), radius } : null;
    append(places, id, { seq, value });
  }

  const at = <T>(versions: readonly Version<T>[] | undefined, before: number): T | null =>
    versions?.findLast(({ seq }) => seq < before)?.value ?? null;

  return {
    async catchUp() {
      const rows = await sql<Row[]>`
        SELECT 'place' AS kind, seq, id, body -> 'position' AS body FROM places WHERE seq > ${last}
        UNION ALL
        SELECT 'product', seq, gtin, jsonb_strip_nulls(jsonb_build_object('model', body -> 'model', 'serviceLifeMonths',
          body -> 'serviceLifeMonths', 'standard', body -> 'standard', 'category', body -> 'category',
          'content', body -> 'content')) FROM products WHERE seq > ${last}
        ORDER BY seq`;
      for (const row of rows) take(row);
      last = rows.at(-1)?.seq ?? last;
    },
    positionOf: (place, before) => at(places.get(place), before),
    product: (gtin, before) => at(products.get(gtin), before),
    filings: () => filings,
  };
}
