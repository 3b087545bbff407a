import { SIDE_BUY } from '../../src/domain/orders.ts';
import { openStore } from '../../src/journal/store.ts';
import { readTradeImage } from '../../src/journal/trade-image.ts';
import { shippedMarkets } from './markets.ts';

/** What fills add up to, worked out anew from the trades table, in whole units. */
export interface Recomputed {
  readonly fills: number;
  readonly realised: bigint;
  readonly unrealised: bigint;
  readonly fees: bigint;
  readonly volume: bigint;
  /** By market id, signed lots. */
  readonly lots: ReadonlyMap<number, bigint>;
}

/**
 * Reads a stopped server's trades of one portfolio and adds them up by average cost, in big integers
 * and with code of its own.
 * @param untilMs later trades, which move the marks, are left out
 */
export async function recompute(
  directory: string,
  portfolioId: number,
  marketIds: readonly number[],
  untilMs: number,
): Promise<Recomputed> {
  const store = openStore(directory, { readOnly: true, durability: 'commit' });
  const markets = new Map(shippedMarkets().all.map((market) => [market.id, market]));
  const lots = new Map<number, bigint>();
  let [fills, realised, unrealised, fees, volume] = [0, 0n, 0n, 0n, 0n];
  for (const marketId of marketIds) {
    const units = BigInt(markets.get(marketId)?.quoteUnitsPerTickLot ?? 0);
    let [position, cost, mark] = [0n, 0n, 0n];
    for (const { key, value } of store.trades.getRange({})) {
      const trade = readTradeImage(key, value);
      if (trade.marketId !== marketId) continue;
      if (trade.seconds * 1000 + trade.nanos / 1e6 > untilMs) continue;
      mark = BigInt(trade.priceTicks);
      const takerBuys = trade.takerSide === SIDE_BUY;
      const sides = [
        [trade.makerPortfolioId, !takerBuys, trade.makerFeeUnits],
        [trade.takerPortfolioId, takerBuys, trade.takerFeeUnits],
      ] as const;
      for (const [portfolio, isBought, fee] of sides) {
        if (portfolio !== portfolioId) continue;
        const signed = BigInt(trade.qtyLots) * (isBought ? 1n : -1n);
        const notional = mark * signed * units;
        fills += 1;
        fees += BigInt(fee);
        volume += notional < 0n ? -notional : notional;
        if (position === 0n || position > 0n === signed > 0n) {
          position += signed;
          cost += notional;
          continue;
        }
        const [closing] = [abs(position), abs(signed)].sort((a, b) => (a < b ? -1 : 1));
        const costOut = (cost * closing) / abs(position);
        const proceeds = (notional * closing) / abs(signed);
        realised -= costOut + proceeds;
        cost += notional - costOut - proceeds;
        position += signed;
      }
    }
    unrealised += position * mark * units - cost;
    lots.set(marketId, position);
  }
  await store.close();
  return { fills, realised, unrealised, fees, volume, lots };
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
