/**
 * The contract as OpenAPI 3.1 tells it. Routes give their schemas in place; here every schema with a title becomes a
 * component named by the first word of its title (`produce 生产` → `#/components/schemas/produce`), so that each
 * stands once in the document, and a generated client has a type for it.
 */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

export const openapi = (publicUrl: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Suyuan',
      version: '1',
      description: 'Product traceability ledger with code verification. 产品溯源账本与赋码核验。',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    components: {
      securitySchemes: {
        client: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: {} } },
        },
      },
    },
  },
  refResolver: {
    buildLocalReference: (schema, _base, _fragment, i) =>
      typeof schema.$id === 'string' ? schema.$id : `schema-${i}`,
  },
  transformObject: (documents) =>
    'openapiObject' in documents ? nameSchemas(documents.openapiObject) : documents.swaggerObject,
});

interface Contract {
  readonly paths?: object;
  readonly components?: { readonly schemas?: object };
}

/** Throws when two different schemas bear one name: that is our bug. */
function nameSchemas<T extends Contract>(contract: T): T {
  const named = new Map<string, { readonly text: string; readonly schema: object }>();
  const hoist = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(hoist);
    if (typeof node !== 'object' || node === null) return node;
    const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, hoist(value)]));
    if (!isTitled(copy)) return copy;
    const name = copy.title.split(/[ :]/, 1)[0] ?? '';
    const text = JSON.stringify(copy);
    const known = named.get(name);
    if (known === undefined) named.set(name, { text, schema: copy });
    else if (known.text !== text) throw new Error(`two schemas are called ${name}`);
    return { $ref: `#/components/schemas/${name}` };
  };
  const paths = nameWildcards(hoist(contract.paths ?? {}));
  const schemas = Object.fromEntries([...named].sort().map(([name, { schema }]) => [name, schema]));
  return {
    ...contract,
    paths,
    components: { ...contract.components, schemas: { ...contract.components?.schemas, ...schemas } },
  };
}

/** The rest of an address, which routes write `*`, is the parameter `path`. */
const nameWildcards = (paths: unknown): unknown =>
  JSON.parse(JSON.stringify(paths).replaceAll('/{*}"', '/{path}"').replaceAll('"name":"*"', '"name":"path"'));

/** A schema of an object or a choice of such; what merely has a member of that name is none. */
const isTitled = (node: Readonly<Record<string, unknown>>): node is { readonly title: string } =>
  typeof node.title === 'string' && ('type' in node || 'anyOf' in node || 'oneOf' in node);
