import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import { PHASE_AUCTION, PHASE_CONTINUOUS, PHASE_HALTED, PHASE_PRE_OPEN } from '../domain/orders.ts';

export interface SchedulerParts {
  readonly markets: MarketRegistry;
  /** Phase of a market as of its newest durable event: PHASE_… */
  readonly phaseOf: (market: Market) => number;
  /** The phase an operator has put the market into, until one lets it go; else `undefined`. */
  readonly orderedPhase: (market: Market) => number | undefined;
  /** Asks the market's worker for a phase; it is there when `phaseOf` says so. */
  readonly setPhase: (market: Market, phase: number) => void;
  /** Wall-clock seconds since the Unix epoch, with fraction. */
  readonly nowSeconds: () => number;
}

/** A phase, and since when the scheduler has seen it. */
interface Seen {
  phase: number;
  sinceSeconds: number;
}

/** A look at the clock at least this often: it may have been set. */
const MOST_WAIT_SECONDS = 30;
/** A phase that was asked for is durable soon; until then it is asked for again now and then. */
const REPEAT_SECONDS = 1;

/**
 * Keeps every market in the phase it should be in: by its calendar; an auction's call after a
 * volatility halt, once its time is over; as an operator has ordered, while one has. Recorded and live markets
 * are left alone: their recording, or their exchange, says when they trade. It decides from
 * what is, not from what it did before, so a restart, a missed alarm or a clock that was set make
 * no difference.
 */
export class PhaseScheduler {
  private readonly parts: SchedulerParts;
  private readonly seen = new Map<Market, Seen>();
  /** Markets that call for an auction because they were halted, not because the day begins. */
  private readonly reopening = new Set<Market>();
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: SchedulerParts) {
    this.parts = parts;
  }

  /** Puts every market right and goes on doing so. */
  start(): void {
    this.tick();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /**
   * Puts every market right, now.
   * @returns seconds until something may have to be done again
   */
  check(): number {
    const now = this.parts.nowSeconds();
    let wait = MOST_WAIT_SECONDS;
    for (const market of this.parts.markets.all) {
      if (market.source === 'replay' || market.source === 'live') continue;
      const { calendar } = this.parts.markets.opening(market);
      const next = calendar.nextChange(now);
      if (next !== null) wait = Math.min(wait, next.seconds - now);
      wait = Math.min(wait, this.keep(market, now));
    }
    return wait;
  }

  private readonly tick = (): void => {
    // An alarm a moment too early would find nothing to do and ask for the next one at once.
    this.timer = setTimeout(this.tick, this.check() * 1000 + 5);
    this.timer.unref();
  };

  /** @returns seconds until this market may have to be looked at again */
  private keep(market: Market, now: number): number {
    const phase = this.parts.phaseOf(market);
    if (phase === PHASE_AUCTION) return REPEAT_SECONDS;
    const since = this.since(market, phase, now);
    const { wanted, inSeconds } = this.wanted(market, phase, now - since, now);
    if (wanted === phase) return inSeconds;
    this.parts.setPhase(market, wanted);
    return REPEAT_SECONDS;
  }

  private wanted(
    market: Market,
    phase: number,
    ageSeconds: number,
    now: number,
  ): { wanted: number; inSeconds: number } {
    const { calendar, haltSeconds, reopeningCallSeconds } = this.parts.markets.opening(market);
    const scheduled = calendar.phaseAt(now);
    const ordered = this.parts.orderedPhase(market);
    if (ordered !== undefined) return settled(ordered);
    if (scheduled !== PHASE_CONTINUOUS) return settled(scheduled);
    if (phase === PHASE_HALTED) {
      return ageSeconds < haltSeconds
        ? { wanted: PHASE_HALTED, inSeconds: haltSeconds - ageSeconds }
        : settled(PHASE_PRE_OPEN);
    }
    // The day's opening call ends by the calendar, a reopening call by its age.
    const call = this.reopening.has(market) ? reopeningCallSeconds : 0;
    if (phase === PHASE_PRE_OPEN && ageSeconds < call) {
      return { wanted: PHASE_PRE_OPEN, inSeconds: call - ageSeconds };
    }
    return settled(PHASE_CONTINUOUS);
  }

  /** Since when the market is in this phase, as far as the scheduler has seen. */
  private since(market: Market, phase: number, now: number): number {
    const seen = this.seen.get(market);
    if (seen?.phase === phase && seen.sinceSeconds <= now) return seen.sinceSeconds;
    if (phase === PHASE_PRE_OPEN && seen?.phase === PHASE_HALTED) this.reopening.add(market);
    else this.reopening.delete(market);
    this.seen.set(market, { phase, sinceSeconds: now });
    return now;
  }
}

function settled(wanted: number): { wanted: number; inSeconds: number } {
  return { wanted, inSeconds: MOST_WAIT_SECONDS };
}
