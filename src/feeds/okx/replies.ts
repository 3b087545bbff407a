import { Type } from 'typebox';
import { replyCheck } from '../rest/reply-check.ts';
import { failure, type RestFailure } from '../rest/result.ts';

const Text = Type.String();

export const instrumentsReply = replyCheck(
  Type.Object({
    code: Text,
    msg: Type.Optional(Text),
    data: Type.Array(
      Type.Object({
        instId: Text,
        ctType: Text,
        ctVal: Text,
        ctValCcy: Text,
        settleCcy: Text,
        tickSz: Text,
        lotSz: Text,
        state: Text,
      }),
    ),
  }),
);

const TOO_MANY_REQUESTS = '50011';

/** OKX answers 200 to errors, and tells them in the envelope. */
export function refusalIn(reply: {
  readonly code: string;
  readonly msg?: string;
}): RestFailure | undefined {
  if (reply.code === '0') return undefined;
  const detail = `${reply.code}: ${reply.msg ?? ''}`;
  return failure(reply.code === TOO_MANY_REQUESTS ? 'RATE_LIMITED' : 'REFUSED', detail);
}
