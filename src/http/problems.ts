/**
 * What HTTP says of every error code: status and title. The document is RFC 9457 `application/problem+json`:
 *
 *     {"type":"https://…/problems/invalid-quantity","title":"Quantity not acceptable","status":422,
 *      "detail":"…what to do…","code":"invalid-quantity","instance":"urn:uuid:…",
 *      "errors":[{"pointer":"/hops/3/lots/0/quantity","code":"invalid-quantity","detail":"…"}]}
 *
 * Status: 400 what cannot be read as a request at all; 401/403 who asks; 404 what the address names is not
 * there; 409 what is there already says otherwise; 422 what was read and is wrong in itself; 5xx ours.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { ErrorCode, Fault } from '../errors.ts';

export interface ProblemKind {
  readonly status: number;
  readonly title: { readonly en: string; readonly zh: string };
}

const kind = (status: number, en: string, zh: string): ProblemKind => ({ status, title: { en, zh } });

export const problems: Readonly<Record<ErrorCode, ProblemKind>> = {
  'malformed-json': kind(400, 'Body is not JSON', '请求体不是合法的 JSON'),
  'malformed-xml': kind(400, 'Body is not XML that is taken', '请求体不是可接受的 XML'),
  'duplicate-name': kind(400, 'Name stands twice in an object', '对象中出现重复的成员名'),
  'too-deep': kind(400, 'Body is nested too deeply', '请求体嵌套过深'),
  'unsafe-number': kind(400, 'Number cannot be kept exactly', '数字无法精确保存'),
  'invalid-string': kind(400, 'String holds a forbidden character', '字符串含有不允许的字符'),
  'invalid-request': kind(400, 'Request does not fit', '请求不符合接口要求'),
  'unknown-member': kind(400, 'Member is not known', '含有未知成员'),
  'body-too-large': kind(413, 'Body is too large', '请求体过大'),
  'headers-too-large': kind(431, 'Header fields are too large', '请求头过大'),
  'unsupported-media-type': kind(415, 'Media type is not supported', '不支持的媒体类型'),
  'not-acceptable': kind(406, 'No acceptable representation', '没有可接受的表示形式'),
  'not-published': kind(404, 'No checkpoint covers it yet', '尚未被检查点覆盖'),
  'not-found': kind(404, 'Not found', '未找到'),
  'method-not-allowed': kind(405, 'Method is not allowed here', '此处不允许该方法'),
  unauthenticated: kind(401, 'Access token is missing', '缺少访问令牌'),
  'token-expired': kind(401, 'Access token has expired', '访问令牌已过期'),
  'token-invalid': kind(401, 'Access token is not valid', '访问令牌无效'),
  'client-invalid': kind(401, 'Client or secret is wrong', '客户端或密钥错误'),
  forbidden: kind(403, 'Not allowed', '没有权限'),
  'rate-limited': kind(429, 'Too many requests', '请求过于频繁'),
  'invalid-identifier': kind(422, 'Identifier is malformed', '标识格式错误'),
  'invalid-check-digit': kind(422, 'Check digit is wrong', '校验位错误'),
  'invalid-serial': kind(422, 'Serial number is not acceptable', '序列号不合要求'),
  'invalid-credit-code': kind(422, 'Unified social credit code is wrong', '统一社会信用代码错误'),
  'invalid-region': kind(422, 'Region is not known', '行政区划代码错误'),
  'invalid-time': kind(422, 'Time is malformed', '时间格式错误'),
  'future-time': kind(422, 'Time lies in the future', '时间在将来'),
  'invalid-quantity': kind(422, 'Quantity is not acceptable', '数量不合要求'),
  'invalid-code': kind(422, 'Identity code is malformed', '身份标识码格式错误'),
  'invalid-key': kind(422, 'Key is not acceptable', '密钥不合要求'),
  'invalid-signature': kind(422, 'Signature does not fit', '签名不符'),
  'invalid-note': kind(422, 'Signed note cannot be read', '带签名的文本（signed note）无法读取'),
  'invalid-proof': kind(422, 'Proof does not hold', '证明不成立'),
  'address-not-allowed': kind(422, 'Address may not be sent to', '不允许向该地址发送'),
  'duplicate-epc': kind(422, 'Identifier stands twice in one list', '同一列表中标识重复'),
  'too-many-hops': kind(422, 'Too many hops in one request', '单次请求的流转环节过多'),
  'too-many-epcs': kind(422, 'Too many identifiers in one request', '单次请求的标识过多'),
  'too-many-events': kind(413, 'Too many events in one document', '单个文档的事件过多'),
  'invalid-query': kind(400, 'Query parameter does not fit', '查询参数不符合要求'),
  'query-too-large': kind(413, 'More events than asked for', '结果超出允许的数量'),
  'query-too-complex': kind(413, 'Query cannot be answered here', '查询过于复杂'),
  'invalid-subscription': kind(400, 'Subscription does not fit', '订阅不符合要求'),
  'uri-too-long': kind(414, 'Address too long', '请求地址过长'),
  'code-too-long': kind(422, 'Code would not fit the label', '标识码过长，标签放不下'),
  'unknown-party': kind(422, 'Party is not known', '主体不存在'),
  'unknown-place': kind(422, 'Place is not known', '场所不存在'),
  'unknown-product': kind(422, 'Product is not known', '产品型号不存在'),
  'unknown-delegation': kind(422, 'Delegation is not known', '委托授权不存在'),
  'unknown-key': kind(422, 'Key is not known', '密钥不存在'),
  'unknown-batch': kind(404, 'Batch is not known', '批次不存在'),
  'unknown-unit': kind(404, 'Unit is not known', '单品不存在'),
  'unknown-event': kind(404, 'Event is not known', '事件不存在'),
  'unknown-capture': kind(404, 'Capture job is not known', '采集任务不存在'),
  'unknown-query': kind(404, 'No such query', '没有此查询'),
  'unknown-subscription': kind(404, 'No such subscription', '没有此订阅'),
  'gtin-not-owned': kind(403, 'GTIN is neither owned nor delegated', '该 GTIN 既非自有也未获委托'),
  'hop-not-allowed': kind(403, 'Role may not record this hop', '该角色不得登记此环节'),
  'not-your-event': kind(403, 'Event was recorded by another party', '该事件由其他主体登记'),
  'second-officer-required': kind(403, 'A second officer must decide', '须由另一名承办人审批'),
  'mandate-not-in-force': kind(403, 'Mandate is not in force', '调阅授权未生效或已失效'),
  'already-exists': kind(409, 'Already exists', '已存在'),
  'already-issued': kind(409, 'Code is already issued', '标识码已发放'),
  'duplicate-event': kind(409, 'Event is already recorded', '事件已登记'),
  'idempotency-key-required': kind(400, 'Idempotency-Key is missing', '缺少 Idempotency-Key'),
  'idempotency-conflict': kind(
    409,
    'Idempotency-Key was used for another request',
    'Idempotency-Key 已用于其他请求',
  ),
  'state-conflict': kind(409, 'Not possible in the present state', '当前状态下不可行'),
  overloaded: kind(503, 'Service is busy', '服务繁忙'),
  unavailable: kind(503, 'Service is unavailable for the moment', '服务暂不可用'),
  'storage-full': kind(507, 'Storage is full', '存储空间已满'),
  'outcome-unknown': kind(503, 'Outcome is not known yet', '结果尚未确定'),
};

export const problemMediaType = 'application/problem+json; charset=utf-8';

/** The document, for the response schemas of routes. */
export const problemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Optional(Type.String()),
    instance: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object({ pointer: Type.Optional(Type.String()), code: Type.String(), detail: Type.String() }),
      ),
    ),
  },
  { $id: 'Problem', title: 'Problem', description: 'RFC 9457 problem document; `code` is stable.' },
);

export type Problem = Static<typeof problemSchema>;

/** Response schemas of a route that may answer with these codes, by status. */
export const problemResponses = (...codes: readonly ErrorCode[]): Record<number, object> =>
  problemResponsesIn((code) => problems[code].status, codes);

/** The same for an interface with statuses of its own. */
export function problemResponsesIn(
  statusOf: (code: ErrorCode) => number,
  codes: readonly ErrorCode[],
): Record<number, object> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = statusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      {
        description: of.map((code) => `\`${code}\`: ${problems[code].title.en}`).join('; '),
        content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
      },
    ]),
  );
}

/** How an interface calls an error: the `type` of its problem documents and its status. */
export type Dialect = (code: ErrorCode) => { readonly type: string; readonly status: number };

/** As all of ours do, unless a standard says otherwise. */
export const ownDialect =
  (publicUrl: string): Dialect =>
  (code) => ({ type: `${publicUrl}/problems/${code}`, status: problems[code].status });

/** How problem documents are written. */
export interface ProblemForm {
  readonly mediaType: string;
  write(problem: Problem): string;
}
export const jsonProblem: ProblemForm = { mediaType: problemMediaType, write: JSON.stringify };

export interface Occurrence {
  readonly dialect: Dialect;
  readonly requestId: string;
  readonly acceptLanguage: string | undefined;
}

/** The document for a refused request. */
export function problemOf(
  code: ErrorCode,
  detail: string,
  faults: readonly Fault[],
  { dialect, requestId, acceptLanguage }: Occurrence,
): Problem {
  const { title } = problems[code];
  const { type, status } = dialect(code);
  return {
    type,
    title: prefersChinese(acceptLanguage) ? title.zh : title.en,
    status,
    detail,
    code,
    instance: `urn:uuid:${requestId}`,
    ...(faults.length === 0
      ? {}
      : {
          errors: faults.map((fault) => ({
            ...(fault.pointer === undefined ? {} : { pointer: fault.pointer }),
            code: fault.code,
            detail: fault.detail,
          })),
        }),
  };
}

/** The document for what no request should be able to cause. It names nothing of the inside. */
export const bugProblem = ({ requestId, acceptLanguage }: Occurrence): Problem => ({
  type: 'about:blank',
  title: prefersChinese(acceptLanguage) ? '服务器内部错误' : 'Internal Server Error',
  status: 500,
  detail: 'This is a fault of ours. Tell the operator the value of `instance`.',
  instance: `urn:uuid:${requestId}`,
});

/** Titles follow the first language of Accept-Language. */
const prefersChinese = (acceptLanguage: string | undefined): boolean =>
  /^\s*zh\b/i.test(acceptLanguage ?? '');
