import { Type } from 'typebox';

/** Times on sockets: ISO 8601, with micro- or milliseconds. */
export const Time = Type.String({ format: 'date-time' });

/** Which format a socket's market data have. */
export const FormatQuery = Type.Object(
  {
    format: Type.Optional(
      Type.Enum(['json', 'flatbuffers'], {
        type: 'string',
        description: 'Of market data. Default: as the subprotocol says, else json',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Where a client proves at the upgrade who it is. */
export const TokenQuery = Type.Object(
  {
    token: Type.Optional(
      Type.String({ description: 'An access token, where a client can set no header' }),
    ),
  },
  { additionalProperties: false },
);

export const ActionPing = Type.Object(
  { action: Type.Literal('ping') },
  { additionalProperties: false },
);
export const TypePing = Type.Object(
  { type: Type.Literal('ping') },
  { additionalProperties: false },
);
export const Pong = Type.Object({ type: Type.Literal('pong'), timestamp: Time });

export const AuthenticateMessage = Type.Object(
  {
    action: Type.Literal('authenticate'),
    token: Type.String({ minLength: 1, maxLength: 8192, writeOnly: true }),
  },
  { additionalProperties: false },
);
