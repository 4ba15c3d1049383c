/**
 * The contract as OpenAPI 3.1 tells it. Routes give their schemas in place; here every schema with a title becomes a
 * component named by the first word of its title (`produce 生产` → `#/components/schemas/produce`), so that each
 * stands once in the document, and a generated client has a type for it.
 */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

/** What the routes of a tag are about, in the order of the table of contents in app.ts. */
const tags = {
  operations: 'The process itself: health, metrics, error codes 运行状态、监测指标与错误码',
  access: 'Access tokens and API clients 访问令牌与接口客户端',
  policies: 'Data that rules depend on 规则所依据的名单与阈值',
  parties: 'Organisations that act 主体',
  places: 'Factories, warehouses, shops, buildings, construction projects 场所与工程',
  products: 'Products, and who owns a GTIN 产品型号与 GTIN 归属',
  delegations: 'What the owner of a GTIN lets another do for it 委托生产与授权',
  certificates: 'Certificates and the history of their status 认证证书及其状态',
  keys: 'Issuing keys, public keys, the trust list 赋码密钥、公钥与信任清单',
  log: 'The public log: checkpoints, entries, proofs, witnesses 公开账本：检查点、条目、证明与见证',
  codes: 'Identity codes of units, lots and containers 身份标识码：单品、批次、箱/托盘赋码',
  events: 'Hops recorded and read back 流转环节的登记与查询',
  epcis: 'Events in the words of EPCIS 2.0 EPCIS 2.0 标准接口',
  verification: 'Verdicts for programs and for people who scan 核验与扫码页面',
  links: 'Links that owners give beside the verdict 产品链接',
  orders:
    'Hold, stop of sale, recall, seizure, tracking, and notices of them 封存、停售、召回、扣押、跟踪与通知',
  reports: 'What the public reports 公众举报',
  tracing: 'Where things come from and where they went 溯源与流向',
  units: 'Units, containers and lots: state and history 单品、箱/托盘、批次的状态与流转记录',
  evidence: 'Files of evidence that prove themselves 固定留取证据',
  'personal data': 'Personal data erased 个人信息删除',
  investigations: 'Common source, fire site, network of parties 共同来源、火灾延伸调查与关联网络',
  cases: 'Findings, cases, and what to look at first 疑点、案件与研判',
};

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
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
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
