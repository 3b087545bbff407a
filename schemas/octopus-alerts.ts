import { type Static, Type } from 'typebox';
import { Id } from './octopus-portfolio.ts';

const CLOSED = { additionalProperties: false } as const;
const Text = Type.String();
const TextOrNull = Type.Union([Text, Type.Null()]);
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);
const Condition = Type.Enum(['above', 'below'], {
  type: 'string',
  description: 'At the threshold or beyond it',
});

export const METRICS = [
  'total_value',
  'cash_balance',
  'day_change',
  'day_change_percent',
  'largest_weight',
  'var_95',
  'var_99',
  'max_drawdown',
] as const;

/** Of a price alert: symbol and price; of a risk alert: portfolio_id, metric and threshold. */
export const CreateAlertBody = Type.Object(
  {
    type: Type.Enum(['price', 'risk'], { type: 'string' }),
    condition: Condition,
    symbol: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    exchange: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    price: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    portfolio_id: Type.Optional(Id),
    metric: Type.Optional(Type.Enum([...METRICS], { type: 'string' })),
    threshold: Type.Optional(Type.Number()),
    repeat: Type.Optional(
      Type.Boolean({ default: false, description: 'Fire again once it was on the other side' }),
    ),
    note: Type.Optional(Type.String({ maxLength: 200 })),
  },
  CLOSED,
);
export type CreateAlertBody = Static<typeof CreateAlertBody>;

export const AlertParams = Type.Object({ alert_id: Id }, CLOSED);

export const AlertsQuery = Type.Object(
  {
    status: Type.Optional(Type.Enum(['active', 'fired'], { type: 'string' })),
    type: Type.Optional(Type.Enum(['price', 'risk'], { type: 'string' })),
  },
  CLOSED,
);
export type AlertsQuery = Static<typeof AlertsQuery>;

export const WireAlert = Type.Object({
  id: Text,
  type: Type.Enum(['price', 'risk'], { type: 'string' }),
  condition: Condition,
  symbol: TextOrNull,
  exchange: TextOrNull,
  price: NumberOrNull,
  portfolio_id: TextOrNull,
  metric: TextOrNull,
  threshold: NumberOrNull,
  repeat: Type.Boolean(),
  note: Text,
  status: Type.Enum(['active', 'fired'], { type: 'string' }),
  fired_count: Type.Integer(),
  fired_at: TextOrNull,
  fired_value: NumberOrNull,
  created_at: Type.String({ format: 'date-time' }),
});
export type WireAlert = Static<typeof WireAlert>;

export const AlertList = Type.Object({
  alerts: Type.Array(WireAlert, { description: 'Oldest first' }),
});

export const DeletedAlert = Type.Object({
  ...WireAlert.properties,
  deleted: Type.Literal(true),
});
