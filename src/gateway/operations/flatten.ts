import type { MarketRegistry } from '../../config/markets.ts';
import {
  ORDER_TYPE_MARKET,
  SELF_TRADE_EXPIRE_TAKER,
  SIDE_BUY,
  SIDE_SELL,
  TIF_IOC,
} from '../../domain/orders.ts';
import { orderName } from '../../strategies/client-ids.ts';
import type { Deployment } from '../strategies/deployments.ts';
import type { OrderReply, PlaceRequest } from '../venue.ts';

/** Market orders given for one position: each trades as far from the touch as the collar lets it. */
const ATTEMPTS = 5;
/**
 * Numbers of these orders are far above those the strategy gives, so that the two never meet; the
 * next start of the strategy goes on above them.
 */
const NUMBER_STEP = 1_000_000;

/**
 * Closes the positions of a deployment by market orders of its own; its figures tell of them.
 * @param place an order that no pause refuses
 * @returns true when nothing that could be traded is left
 */
export async function flattenDeployment(
  deployment: Deployment,
  markets: MarketRegistry,
  place: (request: PlaceRequest, done: (reply: OrderReply) => void) => void,
): Promise<boolean> {
  const { deploymentId, userId, portfolioId, marketIds, record } = deployment;
  let isFlat = true;
  for (const marketId of marketIds) {
    const market = markets.get(marketId);
    if (market === undefined) continue;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { qtyLots } = record.position(marketId);
      const lots = Math.min(Math.abs(qtyLots), market.maxQtyLots);
      if (lots < market.minQtyLots) break;
      const number = record.lastOrderNumber + NUMBER_STEP;
      const request: PlaceRequest = {
        market,
        userId,
        portfolioId,
        side: qtyLots > 0 ? SIDE_SELL : SIDE_BUY,
        orderType: ORDER_TYPE_MARKET,
        tif: TIF_IOC,
        flags: 0,
        selfTrade: SELF_TRADE_EXPIRE_TAKER,
        priceTicks: 0,
        qtyLots: lots,
        clientOrderId: orderName(deploymentId, number),
      };
      await new Promise<void>((resolve) => place(request, () => resolve()));
    }
    isFlat &&= Math.abs(record.position(marketId).qtyLots) < market.minQtyLots;
  }
  return isFlat;
}
