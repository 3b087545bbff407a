import { PLAIN_FLAGS } from './order-flags.ts';

/** Fields of an order, wherever it stands. */
export const LEG_FIELDS: readonly string[] = [
  'side',
  'type',
  'quantity',
  'price',
  'time_in_force',
  'expire_at',
  'post_only',
  ...PLAIN_FLAGS.map(({ field }) => field),
  'self_trade_prevention',
  'stop_price',
  'trail_offset',
  'trail_unit',
  'display_quantity',
  'peg',
  'peg_offset',
  'client_order_id',
];
/** Fields of `order.place`; an order that replaces another takes no links and no other market. */
export const REPLACE_FIELDS = LEG_FIELDS.filter((name) => name !== 'side');
export const PLACE_FIELDS: readonly string[] = [
  ...LEG_FIELDS,
  'market',
  'portfolio_id',
  'oco_order_id',
  'parent_order_id',
  'oco',
  'children',
];
