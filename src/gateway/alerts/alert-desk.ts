import { LIMITS } from '../../config/limits.ts';
import type { AlertEvent, PriceAlertSet, RiskAlertSet } from '../../domain/alert-events.ts';
import * as C from '../../domain/result-codes.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketView } from '../../projections/market-view.ts';
import { type Alert, AlertBook, isActive, type PriceAlert, type RiskAlert } from './alert-book.ts';
import { PriceWatch } from './price-watch.ts';
import { RiskWatch, type RiskWatchParts } from './risk-watch.ts';

/** A trade as it is looked at after a start. */
export interface PastTrade {
  readonly priceTicks: number;
  readonly atMs: number;
}

export interface AlertDeskParts extends Omit<RiskWatchParts, 'fire' | 'clock'> {
  readonly clock: Clock;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  /** Why nothing is taken now, or `OK`. */
  readonly refusal: () => number;
  /** The newest trades of a market, oldest first. */
  readonly recentTrades: (marketId: number) => readonly PastTrade[];
  /** Price of a market's newest trade; 0 before the first. */
  readonly lastTicks: (marketId: number) => number;
  readonly isOpenPortfolio: (userId: number, portfolioId: number) => boolean;
  readonly onError: (error: unknown) => void;
}

/** Told of every firing, once it is durable. */
export type FiringListener = (alert: Alert, value: number, atMs: number) => void;

type PublishedView = Pick<MarketView, 'market' | 'trades'> & {
  readonly derivatives: Pick<MarketView['derivatives'], 'markTicks'>;
};

type Terms<T extends AlertEvent> = Omit<T, 'kind' | 'alertId' | 'atMs'>;

/**
 * Price and risk alerts. Setting, taking back and firing are facts of the venue: an alert has fired
 * when that is durable, whoever was connected, and fires once however often the process is killed.
 * What was reached just before a kill is found again at the next start.
 */
export class AlertDesk {
  private readonly parts: AlertDeskParts;
  private readonly book = new AlertBook();
  private readonly prices = new PriceWatch();
  private readonly risks: RiskWatch;
  private readonly listeners: FiringListener[] = [];
  private readonly writers: FiringListener[] = [];
  private running = false;

  constructor(parts: AlertDeskParts) {
    this.parts = parts;
    this.risks = new RiskWatch({ ...parts, fire: (alert, value) => this.fire(alert, value) });
  }

  onFired(listener: FiringListener): void {
    this.listeners.push(listener);
  }

  /**
   * Gives every firing, as it will stand, to whoever writes down what follows from it: in the moment in
   * which the firing is written, so that both become durable together and in this order.
   */
  onFiring(writer: FiringListener): void {
    this.writers.push(writer);
  }

  /** Learns a durable fact, in recovery and live alike. */
  apply(event: AlertEvent): void {
    const alert = this.book.apply(event);
    if (alert === undefined || !this.running) return;
    if (event.kind === 'AlertRemoved') this.unwatch(alert);
    else if (event.kind !== 'AlertFired') this.watch(alert, false);
    else {
      if (isActive(alert)) this.watch(alert, true);
      for (const tell of this.listeners) tell(alert, event.value, event.atMs);
    }
  }

  /** Begins to watch: first for what was reached when nobody watched. */
  start(): void {
    this.running = true;
    const past = new Map<number, readonly PastTrade[]>();
    for (const alert of [...this.book.all()]) {
      if (!isActive(alert)) continue;
      const missed = alert.kind === 'price' && this.lookBack(alert, past);
      if (!missed) this.watch(alert, alert.firings > 0);
    }
  }

  stop(): void {
    this.running = false;
  }

  /** A market's view is about to be published: looks at each of its trades. */
  publish({ market, trades, derivatives }: PublishedView): void {
    if (!this.running) return;
    if (this.prices.has(market.id)) {
      for (let i = 0; i < trades.length; i += 1) this.traded(market.id, trades.pricesTicks[i]);
    }
    // Margin portfolios are valued at the mark, which moves without trades.
    if (trades.length > 0 || derivatives.markTicks !== 0) this.risks.priceChanged(market.id);
  }

  accountChanged(portfolioId: number): void {
    if (this.running) this.risks.accountChanged(portfolioId);
  }

  /** The user's, oldest first. */
  list(userId: number): readonly Alert[] {
    return this.book.of(userId);
  }

  setPrice(terms: Terms<PriceAlertSet>): Promise<Alert | number> {
    return this.set(terms.userId, { kind: 'PriceAlertSet', ...terms, ...this.stamp() });
  }

  /** Code `UNKNOWN_PORTFOLIO` for one that is not the user's. */
  async setRisk(terms: Terms<RiskAlertSet>): Promise<Alert | number> {
    const { userId, portfolioId } = terms;
    if (!this.parts.isOpenPortfolio(userId, portfolioId)) return C.UNKNOWN_PORTFOLIO;
    return this.set(userId, { kind: 'RiskAlertSet', ...terms, ...this.stamp() });
  }

  /** @returns what the alert was, or `UNKNOWN_ALERT` */
  async remove(userId: number, alertId: number): Promise<Alert | number> {
    const refusal = this.parts.refusal();
    if (refusal !== C.OK) return refusal;
    const alert = this.book.get(alertId);
    if (alert === undefined || alert.userId !== userId) return C.UNKNOWN_ALERT;
    const written = await this.written({ kind: 'AlertRemoved', alertId, atMs: this.nowMs() });
    return written === C.OK ? alert : written;
  }

  private async set(userId: number, event: PriceAlertSet | RiskAlertSet): Promise<Alert | number> {
    const refusal = this.parts.refusal();
    if (refusal !== C.OK) return refusal;
    if (this.book.countOf(userId) >= LIMITS.alertsPerUser) return C.TOO_MANY_RECORDS;
    const written = await this.written(event);
    if (written !== C.OK) return written;
    return this.book.get(event.alertId) ?? C.UNKNOWN_ALERT;
  }

  private async written(event: AlertEvent): Promise<number> {
    try {
      await this.parts.record(event);
      return C.OK;
    } catch {
      return C.JOURNAL_UNAVAILABLE;
    }
  }

  private stamp(): { alertId: number; atMs: number } {
    return { alertId: this.book.takeId(), atMs: this.nowMs() };
  }

  /** @param rests it has fired, and repeats */
  private watch(alert: Alert, rests: boolean): void {
    if (alert.kind === 'risk') return this.risks.add(alert, rests);
    this.prices.add(alert, rests);
    const lastTicks = this.parts.lastTicks(alert.marketId);
    // What is reached already when it is set is reached; what has fired waits for a price.
    if (!rests && lastTicks !== 0) this.traded(alert.marketId, lastTicks);
  }

  private unwatch(alert: Alert): void {
    if (alert.kind === 'risk') this.risks.remove(alert);
    else this.prices.remove(alert);
  }

  /** A trade of its lifetime that reached it, and of which no fact tells, was cut off by a kill. */
  private lookBack(alert: PriceAlert, past: Map<number, readonly PastTrade[]>): boolean {
    if (alert.firings > 0) return false;
    const { marketId } = alert;
    const trades = past.get(marketId) ?? this.parts.recentTrades(marketId);
    past.set(marketId, trades);
    const watch = new PriceWatch();
    watch.add(alert);
    let missed = false;
    for (const { priceTicks, atMs } of trades) {
      if (atMs < alert.createdMs || missed) continue;
      watch.traded(marketId, priceTicks, () => {
        missed = true;
        this.fire(alert, priceTicks);
      });
    }
    return missed;
  }

  private traded(marketId: number, priceTicks: number): void {
    this.prices.traded(marketId, priceTicks, (alert) => this.fire(alert, priceTicks));
  }

  /** It is watched no more; it has fired once the fact is durable. */
  private fire(alert: PriceAlert | RiskAlert, value: number): void {
    if (!this.running) return;
    const { alertId } = alert;
    const atMs = this.nowMs();
    const written = this.parts.record({ kind: 'AlertFired', alertId, value, atMs });
    const fired = { ...alert, firings: alert.firings + 1, firedMs: atMs, firedValue: value };
    for (const write of this.writers) write(fired, value, atMs);
    written.catch((error: unknown) => {
      this.parts.onError(error);
      // The ring was full: it is as before, and the next price finds it again.
      if (this.running && this.book.get(alertId) === alert) this.watchAgain(alert);
    });
  }

  private watchAgain(alert: Alert): void {
    if (alert.kind === 'price') this.prices.add(alert);
    else this.risks.add(alert);
  }

  private nowMs(): number {
    return Math.floor(this.parts.clock.nowMs());
  }
}
