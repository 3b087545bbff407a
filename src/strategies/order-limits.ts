import { SIDE_BUY, SIDE_SELL } from '../domain/orders.ts';
import type { TrackRecord } from '../ledger/track-record.ts';
import type { HostedOrders } from './own-order.ts';
import type { CommonParameters } from './parameters.ts';
import type { MarketSeen } from './strategy.ts';

/** After the venue has denied an order, none goes to that side of that market for so long. */
const DENIED_PAUSE_MS = 1000;

/** The bounds of one deployment's orders, kept before anything is sent. */
export class OrderLimits {
  private parameters: CommonParameters;
  private readonly markets: ReadonlyMap<number, MarketSeen>;
  private readonly orders: HostedOrders;
  private readonly record: TrackRecord;
  private readonly canShort: boolean;
  private tokens: number;
  private refilledMs = 0;
  private readonly pausedUntilMs = new Map<string, number>();

  constructor(
    parameters: CommonParameters,
    markets: ReadonlyMap<number, MarketSeen>,
    orders: HostedOrders,
    record: TrackRecord,
    canShort: boolean,
  ) {
    this.parameters = parameters;
    this.markets = markets;
    this.orders = orders;
    this.record = record;
    this.canShort = canShort;
    this.tokens = this.burst;
  }

  configure(parameters: CommonParameters): void {
    this.parameters = parameters;
    this.tokens = Math.min(this.tokens, this.burst);
  }

  /** True when an order may be sent now; it is counted against the rate then. */
  admit(marketId: number, side: number, priceTicks: number, lots: number, nowMs: number): boolean {
    if (this.orders.size >= this.parameters.max_open_orders) return false;
    if ((this.pausedUntilMs.get(`${marketId}/${side}`) ?? 0) > nowMs) return false;
    return this.fits(marketId, side, priceTicks, lots) && this.takeToken(nowMs);
  }

  /** True when an order may be made larger by so many lots, or moved. */
  admitAmendment(
    marketId: number,
    side: number,
    priceTicks: number,
    moreLots: number,
    nowMs: number,
  ): boolean {
    if (moreLots > 0 && !this.fits(marketId, side, priceTicks, moreLots)) return false;
    return this.takeToken(nowMs);
  }

  /** The venue denied an order. */
  denied(marketId: number, side: number, nowMs: number): void {
    this.pausedUntilMs.set(`${marketId}/${side}`, nowMs + DENIED_PAUSE_MS);
  }

  /** True when the loss has reached its bound. */
  get lossReached(): boolean {
    const { max_loss: maxLoss } = this.parameters;
    const [first] = this.markets.values();
    const bound = maxLoss * 10 ** first.market.quote.decimals;
    return maxLoss > 0 && this.record.profitUnits <= -bound;
  }

  sellableLots(marketId: number): number {
    if (this.canShort) return Number.MAX_SAFE_INTEGER;
    const { market } = this.seen(marketId);
    let baseUnits = 0;
    for (const { market: other } of this.markets.values()) {
      if (other.base.name !== market.base.name) continue;
      const offered = this.orders.openLots(other.id, SIDE_SELL);
      const held = this.record.positions.get(other.id)?.qtyLots ?? 0;
      baseUnits += (held - offered) * other.baseUnitsPerLot;
    }
    return Math.max(0, Math.floor(baseUnits / market.baseUnitsPerLot));
  }

  /**
   * Most lots of another order: inside the greatest position, whatever of the open orders trades, and
   * nothing sold that is not there.
   */
  roomLots(marketId: number, side: number, priceTicks: number): number {
    const { market } = this.seen(marketId);
    const position = this.record.positions.get(marketId)?.qtyLots ?? 0;
    const reached =
      (side === SIDE_BUY ? position : -position) + this.orders.openLots(marketId, side);
    const bound = this.parameters.max_position * 10 ** market.quote.decimals;
    const mostLots = Math.floor(bound / (priceTicks * market.quoteUnitsPerTickLot));
    // What brings a position nearer to none is never too much, however large it has become.
    const room = Math.max(mostLots - reached, -reached, 0);
    return side === SIDE_SELL ? Math.min(room, this.sellableLots(marketId)) : room;
  }

  private fits(marketId: number, side: number, priceTicks: number, lots: number): boolean {
    return lots <= this.roomLots(marketId, side, priceTicks);
  }

  private takeToken(nowMs: number): boolean {
    const { max_orders_per_second: rate } = this.parameters;
    if (this.refilledMs !== 0) {
      const gained = ((nowMs - this.refilledMs) / 1000) * rate;
      this.tokens = Math.min(this.burst, this.tokens + gained);
    }
    this.refilledMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  private get burst(): number {
    return Math.max(1, this.parameters.max_orders_per_second);
  }

  private seen(marketId: number): MarketSeen {
    const seen = this.markets.get(marketId);
    if (seen === undefined) throw new Error(`market ${marketId} is not one of the deployment's`);
    return seen;
  }
}
