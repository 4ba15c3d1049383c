/** What never reaches a log: tokens, secrets, the signatures that open a unit's journey, and receipt codes. */
import type { LoggerOptions } from 'pino';

/** Query parameters whose values are hidden: code signatures, receipt codes and OAuth's. */
const hidden = /([?&](?:S|receipt|client_secret|code|token|access_token)=)[^&#]*/gi;
/** The receipt code of a report, which opens it. */
const receipts = /(\/reports?\/)[^/?#]+/g;
/** The signature of a code wherever else it stands, as in `epc=` with the whole link encoded. */
const signature = /[0-9]{80,}/g;

/** A token or another JWS, sent where it does not belong. */
const jws = /eyJ[\w-]+\.[\w-]*\.[\w-]+/g;

export const redactUrl = (url: string): string =>
  url.replace(hidden, '$1…').replace(receipts, '$1…').replace(signature, '…').replace(jws, '…');

interface LoggedRequest {
  readonly method: string;
  readonly url: string;
  readonly ip: string;
  readonly id: string;
}

export const loggerOptions = (level: string): LoggerOptions => ({
  level,
  redact: {
    paths: ['req.headers.authorization', '*.client_secret', '*.secret', '*.password', '*.masterKey'],
    censor: '…',
  },
  serializers: {
    req: ({ method, url, ip, id }: LoggedRequest) => ({ id, method, url: redactUrl(url), ip }),
  },
});
