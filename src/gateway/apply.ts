import * as R from '../codec/records.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Portfolio } from '../ledger/portfolio.ts';
import { assert } from '../lib/assert.ts';
import type { MarketViews } from '../projections/market-view.ts';
import {
  isClosedStatus,
  type OrderTracker,
  type TrackedOrder,
} from '../projections/order-tracker.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { noteLiquidationFill } from './margin/apply-margin.ts';
import type { Deployments } from './strategies/deployments.ts';

/** Everything on the gateway that follows from a market's records. */
export interface GatewayState {
  readonly ledger: Ledger;
  readonly orders: OrderTracker;
  readonly views: MarketViews;
  readonly deployments: Deployments;
}

/**
 * Applies one durable market record: orders, ledger, then the market's view. Recovery and the live
 * drain both come through here, so they cannot end in different states.
 */
export function applyMarketRecord(state: GatewayState, views: FrameViews, at: number): void {
  const word = views.i32[(at + 4) >>> 2];
  const { ledger } = state;
  const { f64 } = views;
  if (R.isOutside(frameType(word))) {
    state.views.apply(views, at);
    return;
  }
  state.orders.apply(views, at);
  switch (frameType(word)) {
    case R.PLACE_ORDER:
      if (views.u8[at + R.PLACE_LIQUIDATION] !== 0) {
        const view = state.views.get(frameMarketId(word));
        assert(view !== undefined, 'an order is in a market that exists');
        view.derivatives.liquidationOrderId = f64[(at + R.COMMAND_ORDER_ID) >>> 3];
      }
      break;
    case R.TRADE_EXECUTED: {
      const market = ledger.marketOf(frameMarketId(word));
      assert(market !== undefined, 'a trade is in a market that exists');
      ledger.applyTrade(views, at, market);
      const view = state.views.get(market.id);
      if (view !== undefined && view.derivatives.liquidationOrderId !== 0) {
        noteLiquidationFill(ledger, view, market, views, at);
      }
      break;
    }
    case R.AUCTION_TRADE: {
      const market = ledger.marketOf(frameMarketId(word));
      assert(market !== undefined, 'an auction is in a market that exists');
      ledger.applyAuctionTrade(views, at, market);
      break;
    }
    case R.ORDER_ACCEPTED:
      ledger.applyAcceptance(f64[(at + R.EVENT_ORDER_ID) >>> 3]);
      break;
    case R.ORDER_CANCELLED:
    case R.ORDER_REJECTED:
      ledger.release(f64[(at + R.EVENT_ORDER_ID) >>> 3]);
      break;
    case R.ORDER_AMENDED:
      ledger.applyAmendment(
        f64[(at + R.EVENT_ORDER_ID) >>> 3],
        f64[(at + R.AMENDED_NEW_PRICE_TICKS) >>> 3],
        f64[(at + R.AMENDED_NEW_REMAINING_LOTS) >>> 3],
      );
      break;
    default:
  }
  state.views.apply(views, at);
  state.deployments.apply(views, at, state);
}

/** Another exchange's facts take a market over, or leave it. */
export function learnSource(views: MarketViews, event: VenueEvent): void {
  if (event.kind === 'MarketSourceSet') views.get(event.marketId)?.setSource(event.isLive);
}

/** A closed order's client id may be used again; an open one's names it. */
export function forgetClientId(portfolio: Portfolio, order: TrackedOrder): void {
  if (order.clientOrderId === '' || !isClosedStatus(order.status)) return;
  if (portfolio.openByClientId.get(order.clientOrderId) !== order.orderId) return;
  portfolio.openByClientId.delete(order.clientOrderId);
}
