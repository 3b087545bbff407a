import { resultName } from '../../domain/result-codes.ts';
import type { OrderReply, OrderView } from '../../gateway/venue.ts';
import { orderToWire } from './order-wire.ts';
import type { PlacedLeg } from './place-request.ts';

/** Orders as a request is answered with them: the first, and those that it was placed with. */
export interface OrderAnswer {
  /** `null` of what the set lost to a refusal. */
  readonly order: OrderView | null;
  /** The result code that goes with `null`. */
  readonly code: number;
  readonly oco: OrderAnswer | undefined;
  readonly children: readonly OrderAnswer[];
}

/** The answer of one order. */
export function loneAnswer(order: OrderView): OrderAnswer {
  return { order, code: 0, oco: undefined, children: [] };
}

/** The orders of a set: the first, its partner, its children, each of these with its own partner. */
export function setAnswer(legs: readonly PlacedLeg[], replies: readonly OrderReply[]): OrderAnswer {
  const answerOf = (at: number): OrderAnswer => {
    const partner = legs.findIndex(({ ocoOf }) => ocoOf === at);
    const children = legs.flatMap(({ childOf, ocoOf }, child) =>
      childOf === at && ocoOf < 0 ? [answerOf(child)] : [],
    );
    const oco = partner < 0 ? undefined : answerOf(partner);
    return { ...replies[at], oco, children };
  };
  return answerOf(0);
}

/** The members `order` (or `code`), `oco` and `children` of an answer in JSON. */
export function answerToWire({ order, code, oco, children }: OrderAnswer): object {
  return {
    ...(order === null ? { order: null, code: resultName(code) } : { order: orderToWire(order) }),
    ...(oco !== undefined && { oco: answerToWire(oco) }),
    ...(children.length > 0 && { children: children.map(answerToWire) }),
  };
}
