/** The HTTP API as the demo and the bench use it: a party's client with its token, and nothing of our own code. */
import { randomUUID } from 'node:crypto';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly problem: unknown;
  constructor(method: string, path: string, status: number, problem: unknown) {
    super(`${method} ${path} answered ${status}: ${JSON.stringify(problem).slice(0, 2000)}`);
    this.status = status;
    this.problem = problem;
  }
}

export class Client {
  readonly baseUrl: string;
  readonly #id: string;
  readonly #secret: string;
  #token: { readonly text: string; readonly expires: number } | null = null;

  constructor(baseUrl: string, id: string, secret: string) {
    this.baseUrl = baseUrl;
    this.#id = id;
    this.#secret = secret;
  }

  /** A bearer token, asked for anew a minute before it expires. */
  async token(): Promise<string> {
    if (this.#token === null || this.#token.expires < Date.now()) {
      const response = await patiently(`${this.baseUrl}/oauth/token`, () => ({
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: this.#id,
          client_secret: this.#secret,
        }),
      }));
      const answer: { access_token: string; expires_in: number } = JSON.parse(await response.text());
      if (!response.ok) throw new ApiError('POST', '/oauth/token', response.status, answer);
      this.#token = { text: answer.access_token, expires: Date.now() + (answer.expires_in - 60) * 1000 };
    }
    return this.#token.text;
  }

  get = <T>(path: string): Promise<T> => this.request<T>('GET', path);

  /** Sends JSON under an idempotency key of its own; waits and repeats while the service is busy. */
  post = <T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> =>
    this.request<T>('POST', path, JSON.stringify(body), { 'idempotency-key': randomUUID(), ...headers });

  put = <T>(path: string, body: unknown): Promise<T> => this.request<T>('PUT', path, JSON.stringify(body));

  async request<T>(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await patiently(`${this.baseUrl}${path}`, async () => ({
      method,
      ...(body === undefined ? {} : { body }),
      headers: {
        authorization: `Bearer ${await this.token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    }));
    const answer: T = JSON.parse(await response.text());
    if (!response.ok) throw new ApiError(method, path, response.status, answer);
    return answer;
  }
}

/** Asks, and asks again with a request made anew, until the service is not too busy to answer. */
export async function patiently(
  url: string,
  request: () => RequestInit | Promise<RequestInit>,
): Promise<Response> {
  for (;;) {
    const response = await fetch(url, await request());
    if (response.status !== 503 && response.status !== 429) return response;
    await response.arrayBuffer();
    await new Promise((resolve) =>
      setTimeout(resolve, Number(response.headers.get('retry-after') ?? '1') * 1000),
    );
  }
}
