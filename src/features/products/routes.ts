/** Products, and the vetting of who owns a GTIN. */
import { Type } from '@sinclair/typebox';
import type { PartyId } from '../../core/events/hop.ts';
import { isLocalGtin, parseGtin } from '../../core/gs1/identifiers.ts';
import { Refusal, required } from '../../errors.ts';
import { type Caller, caller } from '../../http/authentication.ts';
import { decodeCursor, page, pageQuery } from '../../http/paging.ts';
import { problemResponses } from '../../http/problems.ts';
import type { Feature } from '../feature.ts';
import { askedUnder, type MasterRequest, recordFact, recordFacts } from '../master-data.ts';
import { bindingOf, gtinKey } from '../owners.ts';
import { requireParty } from '../parties/references.ts';
import { closed, gtin, idempotencyHeaders, pageOf, partyName } from '../vocabulary.ts';
import { gtinsOf, type Product, productByGtin, productsOf } from './queries.ts';
import {
  GtinSchema,
  type ProductBody,
  ProductBodySchema,
  ProductSchema,
  ProductVersionSchema,
  VettingSchema,
} from './schemas.ts';
import { newProduct, nextVersion, productView, vetting } from './service.ts';

const tags = ['products'];
const params = closed({ gtin });
const refusals = [
  'invalid-request',
  'forbidden',
  'gtin-not-owned',
  'invalid-check-digit',
  'invalid-quantity',
] as const;
/** Times a local number may be drawn by two at once before we give up. */
const drawsMax = 5;

export const products: Feature = async (app, deps) => {
  const { policies, ledger } = deps;
  const { sql } = deps.reads;

  app.post(
    '/v1/products',
    {
      schema: {
        tags,
        summary: 'Register a product; without a GTIN it gets a local number 登记产品型号',
        headers: idempotencyHeaders,
        body: ProductBodySchema,
        response: {
          201: ProductSchema,
          ...problemResponses(...refusals, 'already-exists', 'unknown-party', 'invalid-identifier'),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('products', request);
      const product = await register(asked, request.body, by);
      reply.code(201).header('location', `/v1/products/${product.fact.gtin}`);
      return productView(policies, product);
    },
  );

  async function register(asked: MasterRequest, body: ProductBody, by: Caller): Promise<Product> {
    for (let draw = 1; ; draw++) {
      try {
        return await recordFact(ledger, 'product', asked, () => newProduct(deps, body, by));
      } catch (error) {
        const taken = error instanceof Refusal && error.code === 'already-exists' && body.gtin === undefined;
        if (!taken || draw === drawsMax) throw error;
      }
    }
  }

  app.put(
    '/v1/products/:gtin',
    {
      schema: {
        tags,
        summary: 'Say anew all that is known of a product 更新产品型号',
        params,
        headers: idempotencyHeaders,
        body: ProductVersionSchema,
        response: { 200: ProductSchema, ...problemResponses(...refusals, 'not-found') },
      },
    },
    async (request) => {
      const by = caller(request);
      const current = await found(request.params.gtin);
      const asked = askedUnder(`products/${current.fact.gtin}`, request);
      const version = await recordFact(ledger, 'product', asked, async () =>
        nextVersion(policies, current, request.body, by),
      );
      return productView(policies, version);
    },
  );

  app.get(
    '/v1/products/:gtin',
    {
      schema: {
        tags,
        summary: 'A product 查询产品型号',
        params,
        response: { 200: ProductSchema, ...problemResponses('not-found', 'invalid-check-digit') },
      },
    },
    async (request) => productView(policies, await found(request.params.gtin)),
  );

  app.get(
    '/v1/products',
    {
      schema: {
        tags,
        summary: 'Products of a maker, as a rule your own 产品型号列表',
        querystring: closed({ ...pageQuery, party: Type.Optional(partyName('Maker')) }),
        response: { 200: pageOf(ProductSchema), ...problemResponses('invalid-request', 'unknown-party') },
      },
    },
    async (request) => {
      const by = caller(request);
      const { limit, cursor, party } = request.query;
      const [after] = required(decodeCursor('products', cursor, ['string'])) ?? [''];
      const rows = await productsOf(sql, await whose(party, by), String(after), limit + 1);
      const { items, next } = page('products', rows, limit, ({ fact }) => [fact.gtin]);
      return { items: items.map((product) => productView(policies, product)), next };
    },
  );

  app.post(
    '/v1/gtins',
    {
      schema: {
        tags,
        summary: 'Bind GTINs to the party that was vetted as their owner 核验并绑定 GTIN',
        headers: idempotencyHeaders,
        body: VettingSchema,
        response: {
          201: Type.Object({ items: Type.Array(GtinSchema) }),
          ...problemResponses(
            'invalid-request',
            'forbidden',
            'already-exists',
            'state-conflict',
            'unknown-party',
            'invalid-identifier',
            'invalid-check-digit',
            'invalid-time',
          ),
        },
      },
    },
    async (request, reply) => {
      const by = caller(request);
      const asked = askedUnder('gtins', request);
      const bound = await recordFacts(ledger, 'gtin', asked, () => vetting(deps, request.body, by));
      reply.code(201);
      return {
        items: bound.map(({ seq, fact: { kind: _, by: __, ...seen } }) => ({ ...seen, local: false, seq })),
      };
    },
  );

  app.get(
    '/v1/gtins',
    {
      schema: {
        tags,
        summary: 'GTINs of a party, as a rule your own GTIN 列表',
        querystring: closed({ ...pageQuery, party: Type.Optional(partyName('Owner')) }),
        response: { 200: pageOf(GtinSchema), ...problemResponses('invalid-request', 'unknown-party') },
      },
    },
    async (request) => {
      const by = caller(request);
      const { limit, cursor, party: name } = request.query;
      const party = await whose(name, by);
      const [after] = required(decodeCursor('gtins', cursor, ['string'])) ?? [''];
      const rows = await gtinsOf(sql, party, String(after), limit + 1);
      const { items, next } = page('gtins', rows, limit, (row) => [row.gtin]);
      return {
        items: items.map((row) => ({ ...row, party, local: isLocalGtin(required(parseGtin(row.gtin))) })),
        next,
      };
    },
  );

  app.get(
    '/v1/gtins/:gtin',
    {
      schema: {
        tags,
        summary: 'Who owns a GTIN, and how that was vetted 查询 GTIN 归属',
        params,
        response: { 200: GtinSchema, ...problemResponses('not-found', 'invalid-check-digit') },
      },
    },
    async (request) => {
      const by = caller(request);
      const number = required(parseGtin(request.params.gtin));
      const binding = await bindingOf(sql, gtinKey(number));
      if (binding === null)
        throw new Refusal('not-found', 'Nobody has been vetted as the owner of this GTIN.');
      const { party, seq } = binding;
      const [bound] = await ledger.read(seq, seq + 1);
      const owner = { gtin: number, party, local: isLocalGtin(number), seq };
      const entitled =
        party === by.party || by.roles.some((role) => role === 'operator' || role === 'regulator');
      if (bound?.fact.kind !== 'gtin' || !entitled) return owner;
      const { evidence, vettedBy, vettedAt } = bound.fact;
      return { ...owner, evidence, vettedBy, vettedAt };
    },
  );

  async function whose(name: string | undefined, by: Caller): Promise<PartyId> {
    return name === undefined ? by.party : requireParty(sql, policies, name, by.party, '/party');
  }

  async function found(text: string): Promise<Product> {
    const product = await productByGtin(sql, required(parseGtin(text)));
    if (product === null) throw new Refusal('not-found', 'There is no product with this GTIN.');
    return product;
  }
};
