/**
 * The contract as OpenAPI 3.1 tells it. Routes give their schemas in place; here every schema with a title becomes a
 * component named by the first word of its title (`produce 生产` → `#/components/schemas/produce`), so that each
 * stands once in the document, and a generated client has a type for it.
 */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

/**
 * What the routes of a tag are about, in the order in which a reader needs them: how to get in, who and what there is, codes and
 * what happens to goods, what is known of them, what is done about it, proofs, other ways in, the running of it.
 */
const tags = {
  access: 'Access tokens and API clients 访问令牌与接口客户端',
  parties: 'Organisations that act 主体',
  places: 'Factories, warehouses, shops, buildings, construction projects 场所与工程',
  products: 'Products, and who owns a GTIN 产品型号与 GTIN 归属',
  certificates: 'Certificates and the history of their status 认证证书及其状态',
  delegations: 'What the owner of a GTIN lets another do for it 委托生产与授权',
  keys: 'Issuing keys, public keys, the trust list 赋码密钥、公钥与信任清单',
  codes: 'Identity codes of units, lots and containers 身份标识码：单品、批次、箱/托盘赋码',
  events: 'Hops recorded and read back 流转环节的登记与查询',
  units: 'Units, containers and lots: state and history 单品、箱/托盘、批次的状态与流转记录',
  verification: 'Verdicts for programs and for people who scan 核验与扫码页面',
  tracing: 'Where things come from and where they went 溯源与流向',
  orders:
    'Hold, stop of sale, recall, seizure, tracking, and notices of them 封存、停售、召回、扣押、跟踪与通知',
  investigations: 'Common source, fire site, network of parties 共同来源、火灾延伸调查与关联网络',
  mandates: 'What a regulator may read beyond its jurisdiction, by a case and a second officer 调阅授权',
  cases: 'Findings, cases, and what to look at first 疑点、案件与研判',
  reports: 'What the public reports 公众举报',
  evidence: 'Files of evidence that prove themselves 固定留取证据',
  log: 'The public log: checkpoints, entries, proofs, witnesses 公开账本：检查点、条目、证明与见证',
  epcis: 'Events in the words of EPCIS 2.0 EPCIS 2.0 标准接口',
  links: 'Links that owners give beside the verdict 产品链接',
  policies: 'Data that rules depend on 规则所依据的名单与阈值',
  'personal data': 'Personal data erased 个人信息删除',
  operations: 'The process itself: health, metrics, error codes 运行状态、监测指标与错误码',
};

/** Also for whoever reads this in Swagger UI, whose own words are English alone. */
const description = `Product traceability ledger with code verification. 产品溯源账本与赋码核验。

Press **Authorize** and enter a client id and its secret, as the operator made them for you; then open an operation, press
**Try it out**, fill it in and press **Execute**. Operations without a lock need no token. Groups stand in the order in which
one needs them.

点 **Authorize**（授权）输入运营方发给您的 client_id 和 client_secret；再展开一个接口，点 **Try it out**（试用），填写后点
**Execute**（发送）。没有锁形标记的接口不需要令牌。各组按使用的先后排列。Parameters 为参数，Request body 为请求体，Responses 为返回，Schemas 为数据结构。`;

export const openapi = (publicUrl: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Suyuan 溯源',
      version: '1',
      description,
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
