import * as R from '../codec/records.ts';
import { SIDE_NAMES } from '../domain/orders.ts';
import { STALE_NAMES } from '../domain/outside.ts';
import type { FieldKind, RecordDescription, RecordField } from './record-fields.ts';

const field = (name: string, offset: number, kind: FieldKind): RecordField => ({
  name,
  offset,
  kind,
});
const side = (offset: number): RecordField => field('side', offset, { names: SIDE_NAMES });

/** A bar's columns, in the order of `features/bar-rows.ts`. */
const BAR: readonly RecordField[] = (
  [
    ['begins_seconds', 'f64'],
    ['open', 'ticks'],
    ['high', 'ticks'],
    ['low', 'ticks'],
    ['close', 'ticks'],
    ['volume', 'lots'],
    ['volume_tick_lots', 'f64'],
    ['trades', 'f64'],
  ] as const
).map(([name, kind], i) => field(name, R.OUTSIDE_BAR_ROW + 8 * i, kind));

/** Facts of live markets. Of a book's record the number of levels is told, not the levels. */
export const OUTSIDE_RECORDS: readonly (readonly [number, RecordDescription])[] = [
  [
    R.OUTSIDE_TRADE,
    {
      name: 'OutsideTrade',
      fields: [
        field('trade_id', R.OUTSIDE_TRADE_ID, 'f64'),
        field('price', R.OUTSIDE_TRADE_PRICE_TICKS, 'ticks'),
        field('quantity', R.OUTSIDE_TRADE_QTY_LOTS, 'lots'),
        side(R.OUTSIDE_TRADE_SIDE),
        field('counted', R.OUTSIDE_TRADE_COUNTED, 'flag'),
        field('aggressor', R.OUTSIDE_TRADE_AGGRESSOR, 'f64'),
      ],
    },
  ],
  [
    R.OUTSIDE_BOOK,
    {
      name: 'OutsideBook',
      fields: [
        field('sequence', R.OUTSIDE_BOOK_SEQUENCE, 'f64'),
        field('reset', R.OUTSIDE_BOOK_RESET, 'i32'),
        field('bids', R.OUTSIDE_BOOK_BIDS, 'i32'),
        field('asks', R.OUTSIDE_BOOK_ASKS, 'i32'),
      ],
    },
  ],
  [
    R.OUTSIDE_STALE,
    {
      name: 'OutsideStale',
      fields: [field('reason', R.OUTSIDE_STALE_REASON, { names: STALE_NAMES, wide: true })],
    },
  ],
  [
    R.OUTSIDE_MARK,
    {
      name: 'OutsideMark',
      fields: [
        field('mark', R.OUTSIDE_MARK_TICKS, 'ticks'),
        field('index', R.OUTSIDE_INDEX_TICKS, 'ticks'),
        field('rate_ppb', R.OUTSIDE_RATE_PPB, 'f64'),
        field('next_funding_seconds', R.OUTSIDE_NEXT_FUNDING_SECONDS, 'f64'),
        field('has_rate', R.OUTSIDE_HAS_RATE, 'i32'),
      ],
    },
  ],
  [
    R.OUTSIDE_INTEREST,
    { name: 'OutsideInterest', fields: [field('contracts', R.OUTSIDE_INTEREST_LOTS, 'lots')] },
  ],
  [
    R.OUTSIDE_LIQUIDATION,
    {
      name: 'OutsideLiquidation',
      fields: [
        field('price', R.OUTSIDE_LIQUIDATION_PRICE_TICKS, 'ticks'),
        field('quantity', R.OUTSIDE_LIQUIDATION_QTY_LOTS, 'lots'),
        side(R.OUTSIDE_LIQUIDATION_SIDE),
      ],
    },
  ],
  [
    R.OUTSIDE_DAY,
    {
      name: 'OutsideDay',
      fields: [
        field('open', R.OUTSIDE_DAY_OPEN_TICKS, 'ticks'),
        field('high', R.OUTSIDE_DAY_HIGH_TICKS, 'ticks'),
        field('low', R.OUTSIDE_DAY_LOW_TICKS, 'ticks'),
        field('volume', R.OUTSIDE_DAY_LOTS, 'lots'),
        field('volume_tick_lots', R.OUTSIDE_DAY_TICK_LOTS, 'f64'),
        field('trades', R.OUTSIDE_DAY_TRADES, 'f64'),
      ],
    },
  ],
  [R.OUTSIDE_BAR, { name: 'OutsideBar', fields: BAR }],
];
