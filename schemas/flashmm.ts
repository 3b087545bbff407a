import { type Static, Type } from 'typebox';

export const LoginBody = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 128 }),
    password: Type.String({ minLength: 1, maxLength: 256, writeOnly: true }),
  },
  { additionalProperties: false },
);

export const LoginResponse = Type.Object({
  access_token: Type.String({ description: 'JWT, to be sent as Authorization: Bearer' }),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
  scope: Type.String({ description: 'Scopes, separated by spaces' }),
  refresh_token: Type.String({ description: 'For POST /api/auth/refresh' }),
});
export type LoginResponse = Static<typeof LoginResponse>;

const Component = Type.Enum(['healthy', 'unhealthy', 'not_configured'], { type: 'string' });
const Percent = Type.Number({ minimum: 0, maximum: 100 });

export const HealthResponse = Type.Object({
  status: Type.Enum(['healthy', 'unhealthy'], { type: 'string' }),
  timestamp: Type.String({ format: 'date-time' }),
  version: Type.String(),
  environment: Type.String(),
  components: Type.Object({
    database: Component,
    redis: Component,
    websocket: Component,
    ml_model: Component,
    trading_engine: Component,
    sei_blockchain: Component,
  }),
  uptime_seconds: Type.Integer(),
  system_load: Type.Object({
    cpu_percent: Percent,
    memory_percent: Percent,
    disk_percent: Percent,
  }),
  durability: Type.Enum(['commit', 'async'], { type: 'string' }),
  rate_limits: Type.Enum(['on', 'off'], { type: 'string' }),
  simulated: Type.Boolean({ description: 'True while any market is simulated' }),
  problems: Type.Array(Type.String(), { description: 'What is wrong, empty when healthy' }),
});
export type HealthResponse = Static<typeof HealthResponse>;
