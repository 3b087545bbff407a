import { SIDE_BUY, SIDE_SELL } from '../../domain/orders.ts';
import type { Desk } from '../desk.ts';
import type { Agent } from './agent.ts';

/** What the gap between two venues must exceed to be worth two orders, as a fraction of the price. */
const THRESHOLD = 0.00008;

/**
 * Buys where a base asset is offered below what another venue bids and sells it there, as much as
 * both touches hold. The second leg goes through the other venue's desk.
 */
export class Arbitrageurs implements Agent {
  private readonly portfolioIds: readonly number[];
  private peers: readonly Desk[] = [];

  constructor(portfolioIds: readonly number[]) {
    this.portfolioIds = portfolioIds;
  }

  /** The desks of the other markets of the same base asset. */
  connect(peers: readonly Desk[]): void {
    this.peers = peers;
  }

  act(desk: Desk): boolean {
    for (const peer of this.peers) {
      if (peer.view.halted) continue;
      if (this.trade(desk, peer) || this.trade(peer, desk)) return true;
    }
    return false;
  }

  /** Buys on one desk and sells on the other if that pays. */
  private trade(buyer: Desk, seller: Desk): boolean {
    const { asks } = buyer.view.depth;
    const { bids } = seller.view.depth;
    if (asks.length === 0 || bids.length === 0) return false;
    if (buyer.sweptSide === SIDE_SELL || seller.sweptSide === SIDE_BUY) return false;
    // What leveraged traders pay more on one venue than on the other stays as long as they do.
    const ask = (asks.pricesTicks[0] * buyer.profile.tickValue) / (1 + buyer.basis);
    const bid = (bids.pricesTicks[0] * seller.profile.tickValue) / (1 + seller.basis);
    const ticks = buyer.profile.tickValue + seller.profile.tickValue;
    if (bid - ask < Math.max(ask * THRESHOLD, ticks)) return false;
    const bought = asks.qtysLots[0] * buyer.profile.lotValue;
    const amount = Math.min(bought, bids.qtysLots[0] * seller.profile.lotValue);
    const portfolioId = this.portfolioIds[buyer.prng.integer(0, this.portfolioIds.length - 1)];
    const buyLots = wholeLots(buyer, amount);
    const sellLots = wholeLots(seller, amount);
    if (!buyer.take(portfolioId, SIDE_BUY, asks.pricesTicks[0], buyLots, false)) return false;
    seller.take(portfolioId, SIDE_SELL, bids.pricesTicks[0], sellLots, false);
    return true;
  }
}

function wholeLots(desk: Desk, amount: number): number {
  const lots = Math.round(amount / desk.profile.lotValue);
  return Math.min(desk.sizes.sweepLotsMax, Math.max(1, lots));
}
