/** Pages as answers: their headers, the page for an error, and what of an address chooses only how it is shown. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answer, refusalOf } from '../../http/errors.ts';
import { preferredType } from '../../http/negotiation.ts';
import { problems } from '../../http/problems.ts';
import { renderProblemPage } from '../../web/problem-page.ts';
import { pageSecurityPolicy } from '../../web/style.ts';
import { type Lang, pickLanguage } from '../../web/words.ts';

/** Sends a page with the headers that every page has. */
export function sendPage(
  reply: FastifyReply,
  language: Lang,
  page: string,
  policy = pageSecurityPolicy,
): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('content-language', language)
    .header('vary', 'Accept, Accept-Language')
    .header('referrer-policy', 'no-referrer')
    .send(page);
}

/** The language that a request asks for. */
export const languageOf = ({ url, headers }: FastifyRequest): Lang =>
  pickLanguage(headers['accept-language'], new URLSearchParams(splitUrl(url)[1]).get('lang') ?? undefined);

/**
 * An error handler for addresses that people open: whoever prefers a page is told on one, in their language, what is
 * wrong; a program gets the problem document. A code that cannot be read is to a browser an address that is not right.
 */
export const problemAnswer =
  (publicUrl: string) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const offered = ['text/html', 'application/json', 'application/problem+json'] as const;
    if (preferredType(request.headers.accept, offered) !== 'text/html') {
      return answer(error, request, reply, publicUrl);
    }
    const refusal = refusalOf(error);
    if (refusal === null) request.log.error({ err: error }, 'our bug');
    const known = refusal === null ? 500 : problems[refusal.code].status;
    const status = known === 422 ? 400 : known;
    const retryAfter = refusal?.retryAfter;
    if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
    reply.code(status).header('cache-control', 'no-store');
    const language = languageOf(request);
    return sendPage(
      reply,
      language,
      renderProblemPage({ status, here: addressOf(request), retryAfter }, language),
    );
  };

const shownBy: ReadonlySet<string> = new Set(['lang', 'for', 'linkType', 'context']);

/** Path and query as they were asked for, without the parameters that choose how it is shown. */
export function addressOf({ url }: FastifyRequest): string {
  const [path, query] = splitUrl(url);
  const kept = query
    .split('&')
    .filter((parameter) => parameter !== '' && !shownBy.has(parameter.split('=', 1)[0] ?? ''));
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`;
}

function splitUrl(url: string): readonly [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
