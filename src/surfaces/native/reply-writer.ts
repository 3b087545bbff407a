import { BinaryReplies } from './binary-replies.ts';
import { BinaryRequestId } from './binary-values.ts';
import { answerToWire, type OrderAnswer } from './order-answer.ts';
import type { RequestId, StreamRequestError } from './requests.ts';

/** Writes answers in the form of the request that they belong to, which its id tells. */
export class ReplyWriter {
  private readonly binary = new BinaryReplies();

  order(id: RequestId, answer: OrderAnswer): string | Uint8Array {
    if (id instanceof BinaryRequestId) return this.binary.order(id, answer);
    return JSON.stringify({ type: 'order', id, ...answerToWire(answer) });
  }

  cancelledAll(id: RequestId, cancelled: number): string | Uint8Array {
    if (id instanceof BinaryRequestId) return this.binary.cancelledAll(id, cancelled);
    return JSON.stringify({ type: 'cancelled_all', id, cancelled });
  }

  error(error: StreamRequestError): string | Uint8Array {
    const { id, code, message, details } = error;
    if (id instanceof BinaryRequestId) return this.binary.error(id, error);
    return JSON.stringify({ type: 'error', id, code, message, details });
  }
}
