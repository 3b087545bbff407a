import { Builder, type Offset } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { CancelledAll } from '../../codec/generated/openbell/stream/cancelled-all.ts';
import { ErrorDetail } from '../../codec/generated/openbell/stream/error-detail.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { OrderReply } from '../../codec/generated/openbell/stream/order-reply.ts';
import { RequestError } from '../../codec/generated/openbell/stream/request-error.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import { resultName } from '../../domain/result-codes.ts';
import { BinaryOrderWriter } from './binary-order.ts';
import type { BinaryRequestId } from './binary-values.ts';
import type { OrderAnswer } from './order-answer.ts';
import type { StreamRequestError } from './requests.ts';

/** `request_id` has field id 0 in every answer. */
const REQUEST_ID = 0;

/**
 * Answers to binary requests, each a message of its own. Results are copies: an answer waits for the
 * end of a drain while others are written.
 */
export class BinaryReplies {
  private readonly builder = new Builder(4096);
  private readonly long = new LongBuilder(this.builder);
  private readonly orders = new BinaryOrderWriter(this.builder, this.long);

  order(id: BinaryRequestId, answer: OrderAnswer): Uint8Array {
    this.builder.clear();
    const body = this.answer(id.value, answer);
    return this.finish(Body.OrderReply, body, answer.order?.market.id ?? 0);
  }

  cancelledAll(id: BinaryRequestId, cancelled: number): Uint8Array {
    const { builder, long } = this;
    builder.clear();
    CancelledAll.startCancelledAll(builder);
    long.add(REQUEST_ID, id.value);
    CancelledAll.addCancelled(builder, cancelled);
    return this.finish(Body.CancelledAll, CancelledAll.endCancelledAll(builder), 0);
  }

  error(id: BinaryRequestId, { code, message, details = {} }: StreamRequestError): Uint8Array {
    const { builder, long } = this;
    builder.clear();
    const rows = Object.entries(details).map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const nameAt = builder.createString(name);
      return ErrorDetail.createErrorDetail(builder, nameAt, builder.createString(text));
    });
    const detailsAt = RequestError.createDetailsVector(builder, rows);
    const messageAt = builder.createString(message);
    const codeAt = builder.createString(code);
    RequestError.startRequestError(builder);
    long.add(REQUEST_ID, id.value);
    RequestError.addCode(builder, codeAt);
    RequestError.addMessage(builder, messageAt);
    RequestError.addDetails(builder, detailsAt);
    return this.finish(Body.RequestError, RequestError.endRequestError(builder), 0);
  }

  private answer(requestId: number, { order, code, oco, children }: OrderAnswer): Offset {
    const { builder, long } = this;
    const childOffsets = children.map((child) => this.answer(0, child));
    const childrenAt =
      childOffsets.length === 0 ? 0 : OrderReply.createChildrenVector(builder, childOffsets);
    const ocoAt = oco === undefined ? 0 : this.answer(0, oco);
    const codeAt = order === null ? builder.createString(resultName(code)) : 0;
    const orderAt = order === null ? 0 : this.orders.write(order);
    OrderReply.startOrderReply(builder);
    if (requestId !== 0) long.add(REQUEST_ID, requestId);
    OrderReply.addOrder(builder, orderAt);
    OrderReply.addCode(builder, codeAt);
    OrderReply.addOco(builder, ocoAt);
    OrderReply.addChildren(builder, childrenAt);
    return OrderReply.endOrderReply(builder);
  }

  private finish(bodyType: number, body: Offset, marketId: number): Uint8Array {
    const { builder } = this;
    Message.startMessage(builder);
    Message.addBody(builder, body);
    Message.addMarketId(builder, marketId);
    Message.addBodyType(builder, bodyType);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.asUint8Array().slice();
  }
}
