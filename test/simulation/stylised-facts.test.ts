import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type MarketSamples, SimulationRun } from '../support/simulation-run.ts';
import {
  autocorrelation,
  correlation,
  excessKurtosis,
  logReturns,
  mean,
  quantile,
  variance,
} from '../support/statistics.ts';

/**
 * What is known of real markets (Cont 2001) must hold here, over several seeds of several hours each;
 * `scripts/nightly` runs more of them.
 * One seed again: SIMULATION_TEST_SEEDS=12 node --test dist/test/simulation/stylised-facts.test.js
 */
const SEEDS = (process.env.SIMULATION_TEST_SEEDS ?? '11,12').split(',').map(Number);
const HOURS = 3;
const COMMANDS_PER_SECOND = 120;
const YEAR_SECONDS = 365.25 * 86_400;

for (const seed of SEEDS) {
  describe(`simulated markets over ${HOURS} hours, seed ${seed}`, () => {
    let run: SimulationRun;
    let all: MarketSamples[];
    let commandsPerSecond: number;

    before(() => {
      console.log(`seed ${seed}`);
      run = new SimulationRun({ seed, ordersPerSecond: COMMANDS_PER_SECOND });
      run.run(10);
      const atStart = run.venue.commandCount;
      run.run(HOURS * 3600);
      commandsPerSecond = (run.venue.commandCount - atStart) / (HOURS * 3600);
      all = [...run.samples.values()];
    });

    /** Checks something of every market; `what` goes into the message with the market's name. */
    function each(what: string, check: (samples: MarketSamples) => [boolean, unknown]): void {
      for (const samples of all) {
        const [holds, seen] = check(samples);
        assert.ok(holds, `${name(samples)}: ${what}: ${seen} (seed ${seed})`);
      }
    }

    it('sends the configured number of commands in the mean, in few batches', () => {
      assert.ok(
        Math.abs(commandsPerSecond / COMMANDS_PER_SECOND - 1) < 0.1,
        `${commandsPerSecond}`,
      );
      assert.ok(run.ticksWithCommands < 30 * run.nowMs * 0.001);
      assert.ok(run.venue.refused < 0.001 * run.venue.commandCount, `${run.venue.refused} refused`);
    });

    it('keeps books two-sided and never crossed', () => {
      each('crossed samples', (one) => [one.crossed === 0, one.crossed]);
      each('one-sided samples', (one) => [one.oneSided < 0.001 * one.mids.length, one.oneSided]);
    });

    it('keeps spreads small and positive', () => {
      each('median spread in ticks', ({ spreads }) => {
        const median = quantile(spreads, 0.5);
        return [median >= 1 && median <= 4, median];
      });
      each('99 % of spreads in basis points', ({ spreads, mids }) => {
        const wide = (1e4 * quantile(spreads, 0.99)) / mids[0];
        const tick = 1e4 / mids[0];
        return [wide <= Math.max(8, 4 * tick), wide];
      });
      each('smallest spread', ({ spreads }) => [Math.min(...spreads) >= 1, Math.min(...spreads)]);
    });

    it('keeps books deep: levels and orders stay in their range', () => {
      each('levels of a side', ({ levels }) => {
        const sides = levels.flat();
        const low = quantile(sides, 0.05);
        const middle = quantile(sides, 0.5);
        return [low >= 20 && middle >= 30 && middle <= 100, `${low} ${middle}`];
      });
      each('orders', ({ orders }) => {
        const low = quantile(orders, 0.01);
        const high = quantile(orders, 0.99);
        return [low >= 80 && high <= 400, `${low} ${high}`];
      });
    });

    it('has returns with fat tails', () => {
      each('excess kurtosis of 10 s returns', ({ mids }) => {
        const kurtosis = excessKurtosis(logReturns(mids, 10));
        return [kurtosis > 1, kurtosis];
      });
    });

    it('has clustered volatility while returns themselves are hardly predictable', () => {
      each('autocorrelation of absolute returns, mean of lags 1 to 10', ({ mids }) => {
        const sizes = logReturns(mids, 10).map(Math.abs);
        const lags = Array.from({ length: 10 }, (_, i) => autocorrelation(sizes, i + 1));
        return [mean(lags) > 0.04 && lags[0] > 0.05, mean(lags)];
      });
      each('autocorrelation of returns', ({ mids }) => {
        const found = autocorrelation(logReturns(mids, 10), 1);
        return [Math.abs(found) < 0.2, found];
      });
      const overall = mean(all.map(({ mids }) => autocorrelation(logReturns(mids, 10), 1)));
      assert.ok(Math.abs(overall) < 0.1, `mean over markets: ${overall} (seed ${seed})`);
    });

    it('realises about the configured volatility', () => {
      each('realised over configured', ({ mids, market }) => {
        const perYear = (variance(logReturns(mids, 60)) * YEAR_SECONDS) / 60;
        const ratio = Math.sqrt(perYear) / market.reference.annualVolatility!;
        return [ratio > 0.5 && ratio < 2, ratio];
      });
    });

    it('has aggressive orders with a long memory of direction', () => {
      each('autocorrelation of signs', ({ takers }) => {
        const signs = takers.map((taker) => (taker.side === 0 ? 1 : -1));
        const lags = [1, 2, 5].map((lag) => autocorrelation(signs, lag));
        return [Math.min(...lags) > 0.02, lags];
      });
    });

    it('has trade sizes with a heavy tail and round lots', () => {
      each('99 % over median', ({ takers }) => {
        const lots = takers.map((taker) => taker.lots);
        const ratio = quantile(lots, 0.99) / quantile(lots, 0.5);
        return [ratio > 10, ratio];
      });
      for (const { market, takers } of all) {
        if (market.assetClass !== 'equity') continue;
        const round = takers.filter((taker) => taker.lots % 100 === 0).length / takers.length;
        assert.ok(round > 0.35 && round < 0.9, `${market.symbol}: ${round} (seed ${seed})`);
      }
    });

    it('trades in bursts: counts per second vary more than chance', () => {
      each('variance over mean of aggressive orders per second', ({ takers, mids }) => {
        const counts = new Array<number>(mids.length).fill(0);
        for (const { atMs } of takers)
          counts[Math.min(mids.length - 1, Math.floor(atMs / 1000))] += 1;
        const dispersion = variance(counts) / mean(counts);
        return [dispersion > 1.1, dispersion];
      });
    });

    it('keeps the venues of one asset together', () => {
      for (const [a, b] of pairs(all, (one) => one.market.base.name)) {
        const gaps = a.mids.map((mid, i) =>
          Math.abs(Math.log((mid * tickValue(a)) / (b.mids[i] * tickValue(b)))),
        );
        const found = [0.5, 0.99].map((share) => 1e4 * quantile(gaps, share));
        const text = `${name(a)} and ${name(b)}: ${found} basis points (seed ${seed})`;
        assert.ok(found[0] < 1 && found[1] < 6, text);
        const together = correlation(logReturns(a.mids, 60), logReturns(b.mids, 60));
        assert.ok(together > 0.95, `${name(a)} and ${name(b)} correlate by ${together}`);
      }
    });

    it('moves shares by a common factor', () => {
      const shares = all.filter((one) => one.market.assetClass === 'equity');
      const found = pairs(shares, () => '').map(([a, b]) =>
        correlation(logReturns(a.mids, 60), logReturns(b.mids, 60)),
      );
      assert.ok(Math.min(...found) > 0.2, `${found} (seed ${seed})`);
      assert.ok(mean(found) > 0.3 && mean(found) < 0.8, `${mean(found)} (seed ${seed})`);
    });
  });
}

describe('determinism', () => {
  it('sends equal commands for an equal seed, and others for another', () => {
    const digests = [21, 21, 22].map((seed) => {
      const run = new SimulationRun({ seed });
      run.run(300);
      return run.digest.digest('hex');
    });
    assert.equal(digests[0], digests[1]);
    assert.notEqual(digests[0], digests[2]);
  });
});

function name({ market }: MarketSamples): string {
  return `${market.exchange}:${market.symbol}`;
}

function tickValue({ market }: MarketSamples): number {
  return market.tickUnits / 10 ** market.priceDecimals;
}

/** All pairs that agree in a key. */
function pairs(
  all: readonly MarketSamples[],
  key: (one: MarketSamples) => string,
): [MarketSamples, MarketSamples][] {
  return all.flatMap((a, i) =>
    all
      .slice(i + 1)
      .filter((b) => key(a) === key(b))
      .map((b): [MarketSamples, MarketSamples] => [a, b]),
  );
}
