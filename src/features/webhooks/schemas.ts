/** Shapes of webhooks. */
import { type Static, Type } from '@sinclair/typebox';
import { troubles, urlCharactersMax } from '../../http/sending.ts';
import { closed, oneOf } from '../vocabulary.ts';

const moment = (description: string) => Type.String({ format: 'date-time', description });

export const WebhookBodySchema = closed(
  {
    url: Type.String({
      maxLength: urlCharactersMax,
      description: 'Where to post: https on the public internet, or a network that the operator has allowed',
      examples: ['https://erp.example.cn/suyuan'],
    }),
  },
  'NewWebhook',
);

export const AttemptSchema = Type.Object({
  message: Type.String({ description: 'The header `webhook-id`: the same when it is sent again' }),
  at: moment('When it was sent'),
  status: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Of the answer; 200 to 299 is an arrival',
  }),
  trouble: Type.Union([oneOf(troubles), Type.Null()], { description: 'Why there was no answer' }),
});

const webhook = {
  id: Type.String(),
  url: Type.String(),
  createdAt: moment('When it was registered'),
  state: oneOf(
    ['active', 'failing', 'stopped'],
    '`failing`: sent again at `nextAt`; `stopped`: given up, until a ping arrives',
  ),
  delivered: Type.Integer({ description: 'The last notice that arrived: `after` of `GET /v1/inbox`' }),
  failures: Type.Integer({ description: 'Attempts in a row that failed' }),
  failingSince: Type.Union([moment('When the first of them was made'), Type.Null()]),
  nextAt: Type.Union([moment('When the next notice is sent'), Type.Null()], {
    description: 'null when there is none to send',
  }),
};

export const WebhookSchema = Type.Object(webhook, { title: 'Webhook' });
export const NewWebhookSchema = Type.Object(
  { ...webhook, secret: Type.String({ description: 'Shown this once; verifies `webhook-signature`' }) },
  { title: 'WebhookWithSecret' },
);
export const WebhookWithAttemptsSchema = Type.Object(
  { ...webhook, attempts: Type.Array(AttemptSchema, { description: 'The last ones, newest first' }) },
  { title: 'WebhookWithAttempts' },
);
export type WebhookView = Static<typeof WebhookSchema>;
