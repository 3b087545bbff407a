import { type Static, Type } from 'typebox';

const Time = Type.String({ format: 'date-time' });
const nullable = <T extends Type.TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const Markets = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
    minItems: 1,
    maxItems: 100,
    description: 'All of them when absent',
  }),
);
const Reason = Type.String({ minLength: 1, maxLength: 500 });

export const PauseBody = Type.Object(
  {
    reason: Type.Optional(Reason),
    duration_seconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 31_536_000, description: 'Until resumed when absent' }),
    ),
    markets: Markets,
    cancel_orders: Type.Optional(Type.Boolean({ default: true })),
    notify_social: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
);
export type PauseBody = Static<typeof PauseBody>;

export const PauseResponse = Type.Object({
  status: Type.Literal('paused'),
  reason: Type.String(),
  paused_at: Time,
  resume_at: nullable(Time, 'null: until somebody resumes'),
  affected_markets: Type.Array(Type.String()),
  orders_cancelled: Type.Integer(),
  positions_maintained: Type.Boolean(),
  notification_sent: Type.Boolean({ description: 'A configured webhook was delivered' }),
});
export type PauseResponse = Static<typeof PauseResponse>;

export const ResumeBody = Type.Object({ markets: Markets }, { additionalProperties: false });
export type ResumeBody = Static<typeof ResumeBody>;

export const ResumeResponse = Type.Object({
  status: Type.Enum(['active', 'paused'], { type: 'string' }),
  resumed_at: Time,
  affected_markets: Type.Array(Type.String()),
  orders_placed: Type.Integer({ description: 'By the market maker, within two seconds' }),
  system_health_check: Type.Enum(['passed', 'failed'], { type: 'string' }),
});
export type ResumeResponse = Static<typeof ResumeResponse>;

export const EmergencyStopBody = Type.Object(
  {
    confirmation: Type.Literal('EMERGENCY_STOP_CONFIRMED'),
    reason: Reason,
    flatten_positions: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
);
export type EmergencyStopBody = Static<typeof EmergencyStopBody>;

export const EmergencyStopResponse = Type.Object({
  status: Type.Literal('emergency_stopped'),
  stopped_at: Time,
  reason: Type.String(),
  orders_cancelled: Type.Integer(),
  positions_flattened: Type.Boolean(),
  total_position_usdc: Type.Number(),
  emergency_contacts_notified: Type.Boolean({
    description: 'A configured webhook was delivered',
  }),
  incident_id: Type.String(),
});
export type EmergencyStopResponse = Static<typeof EmergencyStopResponse>;

const Scope = Type.Enum(['account', 'venue'], {
  type: 'string',
  description:
    'Whom pauses and emergency stops concern: the market maker’s account, or every user; a stop of the venue halts the matching too',
});

export const AdminConfigBody = Type.Object(
  { control_scope: Scope },
  { additionalProperties: false },
);
export type AdminConfigBody = Static<typeof AdminConfigBody>;

export const AdminConfigResponse = Type.Object({
  control_scope: Scope,
  account: nullable(Type.String(), 'User whose trading the scope `account` means'),
  emergency_stop: nullable(
    Type.Object({ incident_id: Type.String(), stopped_at: Time, reason: Type.String() }),
    'null while none is in force',
  ),
  paused_markets: Type.Array(
    Type.Object({
      market: Type.String(),
      reason: Type.String(),
      paused_at: Time,
      resume_at: nullable(Time, 'null: until somebody resumes'),
    }),
  ),
  webhook_private_addresses: Type.Boolean({ description: 'A setting of the server' }),
});
export type AdminConfigResponse = Static<typeof AdminConfigResponse>;

export const IncidentsResponse = Type.Object({
  incidents: Type.Array(
    Type.Object({
      incident_id: Type.String(),
      scope: Scope,
      reason: Type.String(),
      stopped_at: Time,
      orders_cancelled: nullable(Type.Integer(), 'null until the stop was carried out'),
      positions_flattened: nullable(Type.Boolean(), 'null until the stop was carried out'),
      in_force: Type.Boolean(),
    }),
    { description: 'Newest first' },
  ),
});
export type IncidentsResponse = Static<typeof IncidentsResponse>;

export const WebhookBody = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2048, description: 'https:// or http://' }),
    events: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z_]+(\\.[a-z_]+)*$', maxLength: 64 }), {
        maxItems: 50,
        description: 'Names of events; all of them when absent',
      }),
    ),
    description: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);
export type WebhookBody = Static<typeof WebhookBody>;

const webhookFields = {
  webhook_id: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  description: Type.String(),
  created_at: Time,
};

export const WebhookView = Type.Object(webhookFields);
export type WebhookView = Static<typeof WebhookView>;

export const WebhookCreated = Type.Object({
  ...webhookFields,
  secret: Type.String({ description: 'Signs what is sent; shown this once' }),
});
export type WebhookCreated = Static<typeof WebhookCreated>;

export const WebhooksResponse = Type.Object({ webhooks: Type.Array(WebhookView) });

export const WebhookParams = Type.Object(
  { webhook_id: Type.String({ pattern: '^[1-9][0-9]{0,14}$' }) },
  { additionalProperties: false },
);
export type WebhookParams = Static<typeof WebhookParams>;

export const DeliveriesQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })) },
  { additionalProperties: false },
);
export type DeliveriesQuery = Static<typeof DeliveriesQuery>;

export const DeliveriesResponse = Type.Object({
  deliveries: Type.Array(
    Type.Object({
      delivery_id: Type.String(),
      event: Type.String(),
      status: Type.Enum(['pending', 'delivered', 'failed'], { type: 'string' }),
      attempts: Type.Integer(),
      http_status: nullable(Type.Integer(), 'Of the newest attempt; null without a reply'),
      error: nullable(Type.String(), 'Of the newest attempt'),
      created_at: Time,
      updated_at: Time,
      next_attempt_at: nullable(Time, 'null after the last'),
    }),
    { description: 'Newest first' },
  ),
});
export type DeliveriesResponse = Static<typeof DeliveriesResponse>;
