import { type Static, Type } from 'typebox';

export const RootResponse = Type.Object({
  name: Type.String(),
  version: Type.String(),
  status: Type.Enum(['operational', 'unavailable'], { type: 'string' }),
  docs: Type.String(),
  exchanges: Type.Array(Type.String()),
});
export type RootResponse = Static<typeof RootResponse>;

export const HealthResponse = Type.Object({
  status: Type.Enum(['healthy', 'degraded', 'unhealthy'], { type: 'string' }),
  exchanges: Type.Record(Type.String(), Type.Boolean(), {
    description: "True while the exchange's feed is fresh",
  }),
  durability: Type.Enum(['commit', 'async'], { type: 'string' }),
  rate_limits: Type.Enum(['on', 'off'], { type: 'string' }),
});
export type HealthResponse = Static<typeof HealthResponse>;
