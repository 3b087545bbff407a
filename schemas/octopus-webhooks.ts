import { type Static, Type } from 'typebox';
import { Id } from './octopus-portfolio.ts';

const CLOSED = { additionalProperties: false } as const;
const Time = Type.String({ format: 'date-time' });
const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** Events of a user that a webhook can be told of. */
export const WEBHOOK_EVENTS = ['alert.price', 'alert.risk'] as const;

export const CreateWebhookBody = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2048, description: 'https:// or http://' }),
    events: Type.Optional(
      Type.Array(Type.Enum([...WEBHOOK_EVENTS], { type: 'string' }), {
        maxItems: 10,
        description: 'All of the caller’s when absent',
      }),
    ),
    description: Type.Optional(Type.String({ maxLength: 200 })),
  },
  CLOSED,
);
export type CreateWebhookBody = Static<typeof CreateWebhookBody>;

export const WebhookParams = Type.Object({ webhook_id: Id }, CLOSED);

export const WireWebhook = Type.Object({
  id: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  description: Type.String(),
  created_at: Time,
});
export type WireWebhook = Static<typeof WireWebhook>;

export const CreatedWebhook = Type.Object({
  ...WireWebhook.properties,
  secret: Type.String({ description: 'Signs what is sent; shown this once' }),
});

export const WebhookList = Type.Object({ webhooks: Type.Array(WireWebhook) });

export const DeletedWebhook = Type.Object({
  ...WireWebhook.properties,
  deleted: Type.Literal(true),
});

export const DeliveriesQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })) },
  CLOSED,
);

export const WireDelivery = Type.Object({
  id: Type.String(),
  event: Type.String(),
  status: Type.Enum(['pending', 'delivered', 'failed'], { type: 'string' }),
  attempts: Type.Integer(),
  http_status: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Of the newest attempt; null without a reply',
  }),
  error: TextOrNull,
  created_at: Time,
  updated_at: Time,
  next_attempt_at: Type.Union([Time, Type.Null()], { description: 'null after the last' }),
});
export type WireDelivery = Static<typeof WireDelivery>;

export const DeliveryList = Type.Object({
  deliveries: Type.Array(WireDelivery, { description: 'Newest first' }),
});
