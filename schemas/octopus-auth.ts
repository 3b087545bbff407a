import { type Static, Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;

const Email = Type.String({
  maxLength: 254,
  pattern: '^[^\\s@]{1,64}@[^\\s@]+\\.[^\\s@]+$',
  description: 'E-mail address',
});
const PersonName = Type.String({ maxLength: 100 });
const Username = Type.String({
  pattern: '^[A-Za-z0-9._-]{3,64}$',
  description: 'Letters, digits, dot, dash, underscore; the e-mail address when absent',
});
/** Rules beyond the length are in `src/identity/password-rules.ts`. */
const NewPassword = Type.String({ minLength: 1, maxLength: 256, writeOnly: true });
const Password = Type.String({ minLength: 1, maxLength: 256, writeOnly: true });
const Timestamp = Type.String({ format: 'date-time' });
const Nullable = (inner: ReturnType<typeof Type.String>) => Type.Union([inner, Type.Null()]);

export const RegisterBody = Type.Object(
  {
    email: Email,
    password: NewPassword,
    first_name: Type.Optional(PersonName),
    last_name: Type.Optional(PersonName),
    username: Type.Optional(Username),
  },
  CLOSED,
);
export type RegisterBody = Static<typeof RegisterBody>;

export const UserResponse = Type.Object({
  id: Type.String({ format: 'uuid' }),
  email: Nullable(Type.String()),
  first_name: Nullable(Type.String()),
  last_name: Nullable(Type.String()),
  created_at: Timestamp,
  username: Type.String(),
  scopes: Type.Array(Type.String()),
});
export type UserResponse = Static<typeof UserResponse>;

/** Users as administrators see them. */
export const ManagedUser = Type.Object({
  ...UserResponse.properties,
  disabled: Type.Boolean(),
  locked_until: Nullable(Timestamp),
});
export type ManagedUser = Static<typeof ManagedUser>;

export const UsersQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
  },
  CLOSED,
);

export const UserList = Type.Object({ users: Type.Array(ManagedUser), total: Type.Integer() });

export const LoginBody = Type.Object(
  { email: Type.String({ minLength: 1, maxLength: 254 }), password: Password },
  CLOSED,
);
export type LoginBody = Static<typeof LoginBody>;

export const TokenPair = Type.Object({
  access_token: Type.String({ description: 'JWT, to be sent as Authorization: Bearer' }),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
  refresh_token: Type.String({ description: 'Good once, for POST /api/auth/refresh' }),
});
export type TokenPair = Static<typeof TokenPair>;

export const RefreshBody = Type.Object(
  { refresh_token: Type.String({ minLength: 1, maxLength: 4096, writeOnly: true }) },
  CLOSED,
);
export type RefreshBody = Static<typeof RefreshBody>;

export const LogoutBody = Type.Object(
  { all_sessions: Type.Optional(Type.Boolean({ default: false })) },
  CLOSED,
);
export type LogoutBody = Static<typeof LogoutBody>;

export const LogoutResponse = Type.Object({
  status: Type.Literal('logged_out'),
  sessions_ended: Type.Integer(),
});

export const PasswordBody = Type.Object(
  { current_password: Password, new_password: NewPassword },
  CLOSED,
);
export type PasswordBody = Static<typeof PasswordBody>;

const Scopes = Type.Array(Type.Enum(['read', 'write', 'admin'], { type: 'string' }), {
  minItems: 1,
  maxItems: 3,
  uniqueItems: true,
});

export const CreateUserBody = Type.Object(
  {
    username: Username,
    password: NewPassword,
    email: Type.Optional(Email),
    first_name: Type.Optional(PersonName),
    last_name: Type.Optional(PersonName),
    scopes: Type.Optional(Scopes),
  },
  CLOSED,
);
export type CreateUserBody = Static<typeof CreateUserBody>;

export const UserParams = Type.Object({ user_id: Type.String({ maxLength: 64 }) }, CLOSED);

export const ChangeUserBody = Type.Object(
  { disabled: Type.Optional(Type.Boolean()), password: Type.Optional(NewPassword) },
  { ...CLOSED, minProperties: 1 },
);
export type ChangeUserBody = Static<typeof ChangeUserBody>;

export const ApiKeyBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    scopes: Type.Optional(Scopes),
    allowed_ips: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 32,
        description: 'IP addresses and CIDR ranges; everywhere when absent or empty',
      }),
    ),
    expires_at: Type.Optional(
      Type.Union([
        Type.String({
          pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$',
          description: 'ISO 8601 with a zone; never when absent',
        }),
        Type.Null(),
      ]),
    ),
    signing: Type.Optional(
      Type.Boolean({ description: 'The key may sign requests instead of sending its secret' }),
    ),
  },
  CLOSED,
);
export type ApiKeyBody = Static<typeof ApiKeyBody>;

export const ApiKeyParams = Type.Object({ key: Type.String({ maxLength: 64 }) }, CLOSED);

export const ApiKeyResponse = Type.Object({
  key: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  allowed_ips: Type.Array(Type.String()),
  signing: Type.Boolean(),
  status: Type.Enum(['active', 'expired', 'revoked'], { type: 'string' }),
  created_at: Timestamp,
  expires_at: Nullable(Timestamp),
  rotated_at: Nullable(Timestamp),
  last_used_at: Nullable(Timestamp),
  last_used_ip: Nullable(Type.String()),
});
export type ApiKeyResponse = Static<typeof ApiKeyResponse>;

export const IssuedApiKey = Type.Object({
  ...ApiKeyResponse.properties,
  secret: Type.String({ description: 'Told this once' }),
});

export const ApiKeyList = Type.Object({ api_keys: Type.Array(ApiKeyResponse) });

export const AuditQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    before: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Only entries older than this id' }),
    ),
    action: Type.Optional(Type.String({ maxLength: 64, description: 'login.failed, or login.' })),
    user_id: Type.Optional(Type.String({ maxLength: 64 })),
  },
  CLOSED,
);
export type AuditQuery = Static<typeof AuditQuery>;

const Actor = Type.Object({ id: Type.String({ format: 'uuid' }), username: Type.String() });

export const AuditResponse = Type.Object({
  entries: Type.Array(
    Type.Object({
      id: Type.Integer(),
      timestamp: Timestamp,
      action: Type.String(),
      actor: Type.Union([Actor, Type.Null()]),
      user: Type.Union([Actor, Type.Null()]),
      ip: Nullable(Type.String()),
      request_id: Nullable(Type.String()),
      details: Type.Object({}, { additionalProperties: true }),
    }),
  ),
  next_before: Type.Union([Type.Integer(), Type.Null()]),
  oldest_id: Type.Integer({ description: 'Older entries are in the journal alone' }),
});
export type AuditResponse = Static<typeof AuditResponse>;

export const JsonWebKeySet = Type.Object({
  keys: Type.Array(Type.Object({}, { additionalProperties: true })),
});

export const SigningKeyResponse = Type.Object({ kid: Type.String(), algorithm: Type.String() });
