import { Type } from 'typebox';

const Message = Type.String({ description: 'For people; it may change' });
const Details = Type.Object(
  {},
  {
    additionalProperties: true,
    description: 'Facts of the case: the parameter and the value at fault, where there is one',
  },
);
const Timestamp = Type.String({ format: 'date-time' });
const RequestId = Type.String({ description: 'The same as in the header X-Request-Id' });

/** Errors of the Velocimex surface. */
export const VelocimexError = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'One of the six documented codes' }),
    message: Message,
    details: Details,
  }),
});

/** Errors of the Octopus surface. */
export const OctopusError = Type.Object({
  error: Type.String({ description: 'The kind of failure, e.g. ValidationError' }),
  message: Message,
  details: Type.Object(
    { code: Type.String({ description: 'What exactly is the matter, upper case' }) },
    { additionalProperties: true, description: 'With the field at fault, where there is one' },
  ),
  timestamp: Timestamp,
  request_id: RequestId,
});

/** Errors of the FlashMM surface. */
export const FlashmmError = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'Stable, upper case' }),
    message: Message,
    details: Details,
    timestamp: Timestamp,
    request_id: RequestId,
    documentation_url: Type.String({ description: 'The API’s pages, on this server' }),
  }),
});

/** Errors of the Entasis surface. */
export const EntasisError = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'A documented code, or HTTP_ and the status' }),
    message: Type.String({ description: 'Korean; English with Accept-Language: en' }),
    details: Type.Object(
      {
        reason: Type.String({ description: 'What exactly is the matter, upper case' }),
        description: Message,
      },
      { additionalProperties: true },
    ),
    timestamp: Timestamp,
    request_id: RequestId,
  }),
});

/** Errors of the TAKASHI surface. */
export const TakashiError = Type.Object({ detail: Message });

/** Errors of the server's own pages. */
export const OpenbellError = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'Stable, upper case' }),
    message: Message,
    details: Details,
    request_id: RequestId,
  }),
});
