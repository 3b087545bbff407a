import type { Builder } from 'flatbuffers';
import { Level } from '../../../codec/generated/openbell/stream/level.ts';
import type { Market } from '../../../domain/markets.ts';
import type { ChangedPrices, DepthSide } from '../../../projections/depth.ts';
import type { BinaryOut } from '../binary-out.ts';
import type { JsonOut } from '../json-out.ts';

const OPEN = 91; // [
const CLOSE = 93; // ]
const LEVEL_BYTES = Level.sizeOf();

/** Which of a side's levels a message has: its best ones, or those that changed. */
export type Selection = number | ChangedPrices;

/** Levels as `[price, quantity, orders]`, best first, with commas between. */
export function jsonLevels(
  out: JsonOut,
  market: Market,
  side: DepthSide,
  selected: Selection,
): void {
  if (typeof selected === 'number') {
    const count = Math.min(side.length, selected);
    for (let i = 0; i < count; i += 1) {
      if (i > 0) out.writer.comma();
      jsonLevel(out, market, side.pricesTicks[i], side.qtysLots[i], side.orders[i]);
    }
    return;
  }
  for (let i = 0; i < selected.length; i += 1) {
    if (i > 0) out.writer.comma();
    const priceTicks = selected.pricesTicks[i];
    const at = side.indexOf(priceTicks);
    if (at < 0) jsonLevel(out, market, priceTicks, 0, 0);
    else jsonLevel(out, market, priceTicks, side.qtysLots[at], side.orders[at]);
  }
}

function jsonLevel(
  { writer }: JsonOut,
  market: Market,
  priceTicks: number,
  qtyLots: number,
  orders: number,
): void {
  writer.char(OPEN);
  writer.decimalText(priceTicks * market.tickUnits, market.priceDecimals);
  writer.comma();
  writer.decimalText(qtyLots * market.lotUnits, market.qtyDecimals);
  writer.comma();
  writer.integer(orders);
  writer.char(CLOSE);
}

/** A vector of levels. @returns its offset */
export function binaryLevels(out: BinaryOut, side: DepthSide, selected: Selection): number {
  const { builder } = out;
  // A FlatBuffer is built from its end, so the worst level comes first.
  if (typeof selected === 'number') {
    const count = Math.min(side.length, selected);
    builder.startVector(LEVEL_BYTES, count, 8);
    for (let i = count - 1; i >= 0; i -= 1) {
      binaryLevel(out, builder, side.pricesTicks[i], side.qtysLots[i], side.orders[i]);
    }
    return builder.endVector();
  }
  builder.startVector(LEVEL_BYTES, selected.length, 8);
  for (let i = selected.length - 1; i >= 0; i -= 1) {
    const priceTicks = selected.pricesTicks[i];
    const at = side.indexOf(priceTicks);
    if (at < 0) binaryLevel(out, builder, priceTicks, 0, 0);
    else binaryLevel(out, builder, priceTicks, side.qtysLots[at], side.orders[at]);
  }
  return builder.endVector();
}

function binaryLevel(
  { long }: BinaryOut,
  builder: Builder,
  priceTicks: number,
  qtyLots: number,
  orders: number,
): void {
  builder.prep(8, LEVEL_BYTES);
  builder.pad(4);
  builder.writeInt32(orders);
  long.write(qtyLots);
  long.write(priceTicks);
}
