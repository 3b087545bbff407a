import type { Market } from '../../domain/markets.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Valuation } from '../portfolios/valuation.ts';
import { type Paced, Pacer } from '../streams/pacer.ts';
import type { RiskAlert } from './alert-book.ts';
import { type HistoryFigures, metricOf, needsHistory } from './risk-metrics.ts';

/** A portfolio is valued for its alerts at most so often … */
const VALUE_MS = 250;
/** … and what needs a calculation over its history is worked out at most so often. */
const HISTORY_MS = 60_000;

export interface RiskWatchParts {
  readonly clock: Clock;
  readonly valuation: (portfolioId: number) => Valuation | undefined;
  /** The markets that the portfolio's value depends on. */
  readonly marketsOf: (portfolioId: number) => ReadonlySet<Market>;
  /** Works the figures out, elsewhere and later; `undefined` where that is not possible. */
  readonly figures: (portfolioId: number) => Promise<HistoryFigures | undefined>;
  readonly fire: (alert: RiskAlert, value: number) => void;
}

/** A portfolio with alerts. */
interface Watched extends Paced {
  readonly portfolioId: number;
  /** Those that may fire, and those that wait for their figure to go back. */
  readonly armed: Set<RiskAlert>;
  readonly resting: Set<RiskAlert>;
  markets: ReadonlySet<Market>;
  /** When figures of its history were asked for last, and whether they are being worked out. */
  historyMs: number;
  historyUnderWay: boolean;
}

/**
 * Finds the risk alerts that a portfolio's figures reach. A portfolio is looked at when something of
 * it has changed: its account, or the price of a market it is in; nothing else is.
 */
export class RiskWatch {
  private readonly parts: RiskWatchParts;
  private readonly portfolios = new Map<number, Watched>();
  private readonly byMarket = new Map<number, Set<Watched>>();
  private readonly pacer: Pacer<Watched>;

  constructor(parts: RiskWatchParts) {
    this.parts = parts;
    this.pacer = new Pacer(parts.clock, VALUE_MS, (watched) => this.look(watched));
  }

  /** Begins to watch for an alert. @param rests it has fired, and waits for the figure to go back */
  add(alert: RiskAlert, rests = false): void {
    const { portfolioId } = alert;
    let watched = this.portfolios.get(portfolioId);
    if (watched === undefined) {
      watched = {
        portfolioId,
        armed: new Set(),
        resting: new Set(),
        markets: new Set(),
        lastSentMs: Number.NEGATIVE_INFINITY,
        historyMs: Number.NEGATIVE_INFINITY,
        historyUnderWay: false,
      };
      this.portfolios.set(portfolioId, watched);
      this.index(watched);
    }
    (rests ? watched.resting : watched.armed).add(alert);
    this.pacer.changed(watched);
  }

  remove(alert: RiskAlert): void {
    const watched = this.portfolios.get(alert.portfolioId);
    if (watched === undefined) return;
    watched.armed.delete(alert);
    watched.resting.delete(alert);
    if (watched.armed.size + watched.resting.size > 0) return;
    this.pacer.forget(watched);
    this.portfolios.delete(alert.portfolioId);
    for (const { id } of watched.markets) this.byMarket.get(id)?.delete(watched);
  }

  /** The price of a market changed. */
  priceChanged(marketId: number): void {
    const concerned = this.byMarket.get(marketId);
    if (concerned !== undefined) for (const watched of concerned) this.pacer.changed(watched);
  }

  /** Balances, positions or holdings of a portfolio changed. */
  accountChanged(portfolioId: number): void {
    const watched = this.portfolios.get(portfolioId);
    if (watched === undefined) return;
    this.index(watched);
    this.pacer.changed(watched);
  }

  private index(watched: Watched): void {
    for (const { id } of watched.markets) this.byMarket.get(id)?.delete(watched);
    watched.markets = this.parts.marketsOf(watched.portfolioId);
    for (const { id } of watched.markets) {
      let concerned = this.byMarket.get(id);
      if (concerned === undefined) {
        concerned = new Set();
        this.byMarket.set(id, concerned);
      }
      concerned.add(watched);
    }
  }

  private look(watched: Watched): void {
    const valuation = this.parts.valuation(watched.portfolioId);
    if (valuation === undefined) return;
    const all = [...watched.armed, ...watched.resting];
    this.compare(watched, valuation, undefined);
    if (all.some(({ metric }) => needsHistory(metric))) this.askHistory(watched);
  }

  private askHistory(watched: Watched): void {
    const nowMs = this.parts.clock.nowMs();
    if (watched.historyUnderWay || nowMs < watched.historyMs + HISTORY_MS) return;
    watched.historyUnderWay = true;
    watched.historyMs = nowMs;
    const done = (figures: HistoryFigures | undefined): void => {
      watched.historyUnderWay = false;
      const valuation = this.parts.valuation(watched.portfolioId);
      if (figures !== undefined && valuation !== undefined) {
        this.compare(watched, valuation, figures);
      }
    };
    this.parts.figures(watched.portfolioId).then(done, () => done(undefined));
  }

  /** @param figures absent: only what follows from the value is compared */
  private compare(
    watched: Watched,
    valuation: Valuation,
    figures: HistoryFigures | undefined,
  ): void {
    const reached = (alert: RiskAlert): number | null | undefined => {
      if (needsHistory(alert.metric) !== (figures !== undefined)) return undefined;
      return metricOf(alert.metric, valuation, figures);
    };
    for (const alert of watched.resting) {
      const value = reached(alert);
      if (value === undefined || value === null || isReached(alert, value)) continue;
      watched.resting.delete(alert);
      watched.armed.add(alert);
    }
    for (const alert of watched.armed) {
      const value = reached(alert);
      if (value === undefined || value === null || !isReached(alert, value)) continue;
      watched.armed.delete(alert);
      this.parts.fire(alert, value);
    }
  }
}

function isReached({ direction, threshold }: RiskAlert, value: number): boolean {
  return direction === 'above' ? value >= threshold : value <= threshold;
}
