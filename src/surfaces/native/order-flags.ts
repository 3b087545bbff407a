import type { Builder } from 'flatbuffers';
import { Order } from '../../codec/generated/openbell/stream/order.ts';
import {
  ORDER_FLAG_ALL_OR_NONE,
  ORDER_FLAG_POST_ONLY,
  ORDER_FLAG_POST_ONLY_SLIDE,
  ORDER_FLAG_REDUCE_ONLY,
} from '../../domain/orders.ts';
import type { Fields } from './fields.ts';

/** A flag of an order that is true or false on the wire, in every form an order has there. */
interface PlainFlag {
  readonly field: string;
  /** ORDER_FLAG_… */
  readonly bit: number;
  /** Only limit orders that may rest take it. */
  readonly rests: boolean;
  /** Writes it into a FlatBuffer that is being built. */
  readonly add: (builder: Builder, value: boolean) => void;
}

/** A new flag is a line here; its field of binary requests is one in `binary-requests.ts`. */
export const PLAIN_FLAGS = [
  {
    field: 'reduce_only',
    bit: ORDER_FLAG_REDUCE_ONLY,
    rests: false,
    add: Order.addReduceOnly,
  },
  {
    field: 'all_or_none',
    bit: ORDER_FLAG_ALL_OR_NONE,
    rests: true,
    add: Order.addAllOrNone,
  },
] as const satisfies readonly PlainFlag[];

/** What an order says of its flags; of the plain ones only those that it has. */
export type FlagsWire = {
  /** `"slide"` where the price moves rather than that the order is rejected. */
  readonly post_only: boolean | 'slide';
} & { readonly [F in (typeof PLAIN_FLAGS)[number]['field']]?: boolean };

/** Reads the flags of a request. @param mayRest it is a limit order, and may rest */
export function flagsOf(fields: Fields, mayRest: boolean): number {
  let flags = 0;
  for (const { field, bit, rests } of PLAIN_FLAGS) {
    if (!fields.flag(field)) continue;
    if (rests && !mayRest) {
      throw fields.invalid(field, `only limit orders that may rest can be ${field}`);
    }
    flags |= bit;
  }
  const postOnly = postOnlyOf(fields);
  if (postOnly === 0) return flags;
  if (!mayRest) {
    throw fields.invalid('post_only', 'only limit orders that may rest can be post_only');
  }
  if ((flags & ORDER_FLAG_ALL_OR_NONE) !== 0) {
    throw fields.invalid('post_only', 'an order is post_only or all_or_none, not both');
  }
  return flags | postOnly;
}

export function flagsToWire(flags: number): FlagsWire {
  const wire: Record<string, boolean | 'slide'> = { post_only: postOnlyToWire(flags) };
  for (const { field, bit } of PLAIN_FLAGS) if ((flags & bit) !== 0) wire[field] = true;
  return wire as FlagsWire;
}

/** Writes the flags into a table `Order` that is being built. */
export function addFlags(builder: Builder, flags: number): void {
  const postOnly = postOnlyToWire(flags);
  Order.addPostOnly(builder, postOnly !== false);
  Order.addSlide(builder, postOnly === 'slide');
  for (const { bit, add } of PLAIN_FLAGS) add(builder, (flags & bit) !== 0);
}

function postOnlyOf(fields: Fields): number {
  const value = fields.body.post_only;
  if (value === undefined || value === false) return 0;
  if (value === true) return ORDER_FLAG_POST_ONLY;
  if (value === 'slide') return ORDER_FLAG_POST_ONLY_SLIDE;
  throw fields.invalid('post_only', '"post_only" is true, false or "slide"');
}

function postOnlyToWire(flags: number): boolean | 'slide' {
  if ((flags & ORDER_FLAG_POST_ONLY_SLIDE) !== 0) return 'slide';
  return (flags & ORDER_FLAG_POST_ONLY) !== 0;
}
