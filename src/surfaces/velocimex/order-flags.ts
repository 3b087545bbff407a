import type { PlaceOrderBody, WireOrder } from '../../../schemas/velocimex.ts';
import {
  ORDER_FLAG_POST_ONLY,
  ORDER_FLAG_POST_ONLY_SLIDE,
  ORDER_FLAG_REDUCE_ONLY,
} from '../../domain/orders.ts';

/** The flags that a request names. */
export function flagsOf({ post_only: postOnly, reduce_only: reduceOnly }: PlaceOrderBody): number {
  return (
    (postOnly === true ? ORDER_FLAG_POST_ONLY : 0) |
    (reduceOnly === true ? ORDER_FLAG_REDUCE_ONLY : 0)
  );
}

/** What a reply says of them. */
export function flagsToWire(flags: number): Pick<WireOrder, 'post_only'> {
  return { post_only: (flags & (ORDER_FLAG_POST_ONLY | ORDER_FLAG_POST_ONLY_SLIDE)) !== 0 };
}
