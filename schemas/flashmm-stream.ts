import { type Static, Type } from 'typebox';

/** Channels that one connection of `/ws/live-data` may follow, as documented. */
export const CHANNELS_MAX = 50;

/** A client's message on `/ws/live-data` that begins or ends channels. */
export const ChannelsMessage = Type.Object(
  {
    action: Type.Enum(['subscribe', 'unsubscribe'], { type: 'string' }),
    channels: Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
      minItems: 1,
      maxItems: CHANNELS_MAX,
    }),
  },
  { additionalProperties: false },
);
export type ChannelsMessage = Static<typeof ChannelsMessage>;

/** The message by which a client proves who it is. */
export const AuthenticateMessage = Type.Object(
  {
    action: Type.Literal('authenticate'),
    token: Type.String({ minLength: 1, maxLength: 8192, writeOnly: true }),
  },
  { additionalProperties: false },
);
export type AuthenticateMessage = Static<typeof AuthenticateMessage>;
