/** Problem documents whole, for tests that compare them to the letter. */
import type { Response } from 'light-my-request';
import { testPublicUrl } from './service.ts';

export interface Told {
  readonly status: number;
  readonly type: unknown;
  /** Seconds, as the header says them. */
  readonly retryAfter: unknown;
  readonly body: object;
}

/** What a refusal says; `instance`, which differs from request to request, is looked at and left out. */
export function told({ statusCode, headers, body }: Response): Told {
  const { instance, ...rest }: Record<string, unknown> = JSON.parse(body);
  const { 'content-type': type, 'retry-after': retryAfter = null } = headers;
  const fits = /^urn:uuid:[0-9a-f-]{36}$/.test(`${instance}`);
  return { status: statusCode, type, retryAfter, body: fits ? rest : { ...rest, instance } };
}

export interface Said {
  readonly title: string;
  readonly detail: string;
  /** Pointer into the body; the fault there says the same as the whole. */
  readonly pointer?: string;
  readonly retryAfter?: string;
}

/** What it should say, every member of it. */
export function document(
  status: number,
  code: string,
  { title, detail, pointer, retryAfter = undefined }: Said,
): Told {
  return {
    status,
    type: 'application/problem+json; charset=utf-8',
    retryAfter: retryAfter ?? null,
    body: {
      type: `${testPublicUrl}/problems/${code}`,
      title,
      status,
      detail,
      code,
      ...(pointer === undefined ? {} : { errors: [{ pointer, code, detail }] }),
    },
  };
}
