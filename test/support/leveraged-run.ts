import { setImmediate as turn } from 'node:timers/promises';
import { MarketRegistry } from '../../src/config/markets.ts';
import type { Market } from '../../src/domain/markets.ts';
import type { VenueEvent } from '../../src/domain/venue-events.ts';
import { MarginClockwork } from '../../src/gateway/margin/margin-clockwork.ts';
import { SessionDoor } from '../../src/gateway/session-door.ts';
import { Prng } from '../../src/lib/prng.ts';
import { frameMarketId } from '../../src/rings/frame.ts';
import { Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { RingOrderSink } from '../../src/simulation/ring-order-sink.ts';
import { Simulation } from '../../src/simulation/simulation.ts';
import type { LeveragedTrader } from '../../src/simulation/worker-data.ts';
import { viewsOf } from './frame-bytes.ts';
import { OneThreadVenue } from './one-thread-venue.ts';
import { PORTFOLIOS } from './simulation-run.ts';

const SESSION = 1;
const FUND = 50;
const FIRST_TRADER = 200;
const TRADERS = 16;

/** The whole simulated venue, leveraged traders and liquidator included, on one thread and in virtual time. */
export class LeveragedRun {
  readonly venue: OneThreadVenue;
  readonly clockwork: MarginClockwork;
  readonly errors: unknown[] = [];
  readonly traders: readonly (LeveragedTrader & { market: Market; units: number })[];
  private readonly simulation: Simulation;
  private readonly producer: RingProducer;
  private readonly prng: Prng;
  private nowMs: number;
  private steppedMs: number;

  constructor(markets: readonly Market[], seed: number, ordersPerSecond: number) {
    const registry = new MarketRegistry(markets, new Map());
    this.prng = new Prng(seed);
    this.traders = markets.flatMap((market, m) =>
      Array.from({ length: TRADERS }, (_, i) => {
        const collateral = Math.round(200 * 1.2 ** i);
        return {
          market,
          marketId: market.id,
          portfolioId: FIRST_TRADER + m * TRADERS + i,
          collateral,
          units: collateral * 10 ** market.quote.decimals,
          wallet: collateral,
          lots: 0,
          cost: 0,
        };
      }),
    );
    const requests = Ring.create(1 << 18, 1);
    this.venue = new OneThreadVenue(registry, {
      facts: this.facts(),
      commandRingBytes: 1 << 20,
      sessions: [new SessionDoor(new RingReader(requests, 0))],
    });
    this.producer = new RingProducer(requests);
    this.nowMs = this.venue.clock.nowMs();
    this.steppedMs = this.nowMs;
    this.simulation = new Simulation(
      {
        markets,
        seed,
        ordersPerSecond,
        portfolioIds: PORTFOLIOS,
        leveraged: this.traders,
        recovered: [],
      },
      SESSION,
      new RingOrderSink(this.producer, SESSION),
    );
    const { engine, ledger, views } = this.venue;
    const parts = {
      markets,
      ledger,
      rules: engine.margin.rules,
      views,
      clock: this.venue.clock,
      record: (event: VenueEvent) => this.venue.record(event),
      healthy: () => true,
      publish: () => undefined,
      onError: (error: unknown) => void this.errors.push(error),
      cancelAll: engine.desk.cancelPortfolio.bind(engine.desk),
      close: engine.desk.liquidate.bind(engine.desk),
    };
    this.clockwork = new MarginClockwork(parts, () => FUND);
  }

  /** Runs for so many virtual seconds. */
  async run(seconds: number): Promise<void> {
    if (this.venue.recorded.length === 0) await this.begin();
    const endMs = this.nowMs + seconds * 1000;
    while (this.nowMs < endMs) {
      const elapsedMs = 25 + this.prng.integer(0, 25);
      this.nowMs += elapsedMs;
      this.venue.clock.seconds = Math.floor(this.nowMs / 1000);
      this.simulation.tick(elapsedMs);
      this.producer.publish();
      this.settle();
      if (this.nowMs - this.steppedMs < 1000) continue;
      this.steppedMs = this.nowMs;
      this.clockwork.step(this.nowMs);
      for (let i = 0; i < 3; i += 1) {
        this.settle();
        await turn();
      }
    }
  }

  private async begin(): Promise<void> {
    const kept = this.traders.map(({ portfolioId, market, units }) =>
      this.clockwork.keeper.keep(portfolioId, market, units),
    );
    this.settle();
    await Promise.all(kept);
  }

  private settle(): void {
    this.venue.engine.turn();
    this.venue.settle();
    for (const bytes of this.venue.journal.splice(0)) {
      const views = viewsOf(bytes);
      this.simulation.onEvent(frameMarketId(views.i32[1]), views, 0);
    }
  }

  private facts(): VenueEvent[] {
    const opened = (portfolioId: number, portfolioKind: 'external' | 'margin'): VenueEvent => ({
      kind: 'PortfolioOpened',
      portfolioId,
      userId: 0,
      portfolioKind,
      name: `p${portfolioId}`,
    });
    const external = Object.values(PORTFOLIOS).flat();
    return [
      opened(FUND, 'external'),
      ...external.map((id: number) => opened(id, 'external')),
      ...this.traders.map(({ portfolioId }) => opened(portfolioId, 'margin')),
    ];
  }
}
