/**
 * Runs the simulated market in virtual time and prints what it looks like:
 *   node dist/test/simulation/figures.js [--seed N] [--hours H] [--rate R]
 */
import { parseArgs } from 'node:util';
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

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '2' },
    rate: { type: 'string', default: '120' },
  },
});
const seconds = Number(values.hours) * 3600;
const run = new SimulationRun({
  seed: Number(values.seed),
  ordersPerSecond: Number(values.rate),
});
const startedMs = performance.now();
run.run(5);
const seedCommands = run.venue.commandCount;
run.run(seconds);
const wallMs = performance.now() - startedMs;
const commands = run.venue.commandCount - seedCommands;
console.log(
  `seed ${values.seed}, ${seconds} s simulated in ${(wallMs / 1000).toFixed(1)} s, ` +
    `${(commands / seconds).toFixed(1)} commands/s, refused ${run.venue.refused}, ` +
    `${(run.ticksWithCommands / seconds).toFixed(1)} ticks/s with commands, ` +
    `by type ${JSON.stringify([...run.venue.commands])}`,
);
const columns = [
  'market              ',
  'spread 50/90/99',
  'levels 5/50/95',
  'orders 5/50/95',
  'vol/conf',
  'kurt',
  'acf r1',
  '|r|1 .. 10',
  'sign1/5',
  'takers/s',
  'size 50/90/99',
  '1-sided',
];
console.log(columns.join(' | '));
for (const samples of run.samples.values()) console.log(row(samples));
console.log(pairs());

function row(samples: MarketSamples): string {
  const { market, spreads, levels, orders, takers, mids } = samples;
  const tens = logReturns(mids, 10);
  const size = tens.map(Math.abs);
  const volatility = Math.sqrt((variance(logReturns(mids, 60)) * 365.25 * 86_400) / 60);
  const signs = takers.map((taker) => (taker.side === 0 ? 1 : -1));
  const bidLevels = levels.map((pair) => pair[0]);
  const lots = takers.map((taker) => taker.lots);
  return [
    `${market.exchange}:${market.symbol}`.padEnd(20),
    [0.5, 0.9, 0.99]
      .map((share) => quantile(spreads, share))
      .join('/')
      .padEnd(15),
    [0.05, 0.5, 0.95]
      .map((share) => quantile(bidLevels, share))
      .join('/')
      .padEnd(14),
    [0.05, 0.5, 0.95]
      .map((share) => quantile(orders, share))
      .join('/')
      .padEnd(14),
    (volatility / market.reference.annualVolatility!).toFixed(2).padEnd(8),
    excessKurtosis(tens).toFixed(1).padEnd(4),
    autocorrelation(tens, 1).toFixed(2).padEnd(6),
    [1, 5, 10].map((lag) => autocorrelation(size, lag).toFixed(2)).join(' '),
    [1, 5].map((lag) => autocorrelation(signs, lag).toFixed(2)).join(' '),
    (takers.length / seconds).toFixed(2).padEnd(8),
    [0.5, 0.9, 0.99]
      .map((share) => quantile(lots, share))
      .join('/')
      .padEnd(13),
    samples.oneSided,
  ].join(' | ');
}

function pairs(): string {
  const lines: string[] = [];
  const all = [...run.samples.values()];
  for (const a of all) {
    for (const b of all) {
      if (a.market.id >= b.market.id || a.market.base.name !== b.market.base.name) continue;
      const scale =
        a.market.tickUnits /
        10 ** a.market.priceDecimals /
        (b.market.tickUnits / 10 ** b.market.priceDecimals);
      const gaps = a.mids.map((mid, i) => Math.abs(Math.log((mid * scale) / b.mids[i])) * 1e4);
      lines.push(
        `${a.market.exchange}:${a.market.symbol} / ${b.market.exchange}:${b.market.symbol}: gap in bp ` +
          `50 % ${quantile(gaps, 0.5).toFixed(2)}, 99 % ${quantile(gaps, 0.99).toFixed(2)}, ` +
          `largest ${Math.max(...gaps).toFixed(2)}`,
      );
    }
  }
  const returns = all.map((one) => logReturns(one.mids, 60));
  const equities = all
    .map((one, i) => [one, i] as const)
    .filter(([one]) => one.market.assetClass === 'equity');
  const correlations: number[] = [];
  for (const [, i] of equities)
    for (const [, j] of equities) if (i < j) correlations.push(correlation(returns[i], returns[j]));
  if (correlations.length > 0)
    lines.push(`equities: mean correlation ${mean(correlations).toFixed(2)}`);
  return lines.join('\n');
}
