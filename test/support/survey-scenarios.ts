import { Prng } from '../../src/lib/prng.ts';
import type { SurveyMessage } from './survey-messages.ts';

/**
 * Order flow in the shape of the public survey's scenarios. This is Openbell's own reading of
 * their description (arXiv 2606.01183 and the survey's METHODOLOGY): other random numbers, so other
 * files and other hashes than the published ones.
 *
 * The middle price walks geometrically, one step an order. Buys are priced below the first half of the
 * walk and sells above the second half, and all of them arrive in shuffled order: what crosses,
 * crosses where two places of the walk meet. Distances follow a power law with a hump at 8 ticks.
 */
export const SCENARIOS = {
  static: 0,
  normal: 0.02,
  'swing-25': 0.25,
  'swing-40': 0.4,
  'flash-crash': 0.6,
} as const;
export type Scenario = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as Scenario[];

const START_TICKS = 33_504;
const MOST_DEPTH_TICKS = 512;
const ALPHA = 2.23;
const HUMP = { height: 5, centreTicks: 8, widthTicks: 3 };
const MOST_LOTS = 100;
const IOC_SHARE = 0.15;
const MODIFY_SHARE = 0.2;
const REPRICE_SHARE = 0.8;
const CANCEL_SHARE = 0.95;
const DUPLICATE_SHARE = 0.02;
/** A session of 6.5 hours, in milliseconds, and how long an order lives that is cancelled. */
const SESSION_MS = 23_400_000;
const LIFETIME_MS = 0.431 / Math.LN2;
/** What the walk's session of a million orders is: fewer orders come as densely as more. */
const FULL_ORDERS = 1_000_000;

interface Timed {
  readonly timeMs: number;
  readonly message: SurveyMessage;
}

/** @param orders new orders; messages become about twice as many */
export function scenarioMessages(
  scenario: Scenario,
  seed: number,
  orders: number,
): SurveyMessage[] {
  const random = new Prng(seed);
  const middles = walk(random, SCENARIOS[scenario], orders);
  const depths = depthProfile();
  const places = shuffled(random, orders);
  const timed: Timed[] = [];
  for (let id = 1; id <= orders; id += 1) {
    const place = places[id - 1];
    const side = place < orders / 2 ? 0 : 1;
    const depth = drawDepth(random, depths);
    const middle = Math.round(middles[place]);
    const price = Math.max(1, side === 0 ? middle - depth : middle + depth);
    const timeMs = ((id - 1) / FULL_ORDERS) * SESSION_MS;
    lifecycle(random, timed, timeMs, id, side, price);
  }
  return timed.sort((a, b) => a.timeMs - b.timeMs).map(({ message }) => message);
}

/** Steps such that the whole walk's logarithm has this standard deviation. */
function walk(random: Prng, swing: number, steps: number): Float64Array {
  const middles = new Float64Array(steps);
  const stepDeviation = swing / Math.sqrt(steps);
  let log = Math.log(START_TICKS);
  for (let i = 0; i < steps; i += 1) {
    middles[i] = Math.exp(log);
    log += stepDeviation * random.normal() - 0.5 * stepDeviation ** 2;
  }
  return middles;
}

/** Cumulative weights of 1, 2, 3 … ticks from the middle. */
function depthProfile(): Float64Array {
  const cumulative = new Float64Array(MOST_DEPTH_TICKS);
  let sum = 0;
  for (let i = 0; i < MOST_DEPTH_TICKS; i += 1) {
    const fromHump = (i + 1 - HUMP.centreTicks) / HUMP.widthTicks;
    const hump = 1 + HUMP.height * Math.exp(-0.5 * fromHump ** 2);
    sum += (i + 1) ** -ALPHA * hump;
    cumulative[i] = sum;
  }
  return cumulative;
}

function drawDepth(random: Prng, cumulative: Float64Array): number {
  const wanted = random.uniform() * cumulative[cumulative.length - 1];
  let depth = 0;
  while (cumulative[depth] < wanted) depth += 1;
  return depth + 1;
}

function shuffled(random: Prng, count: number): Int32Array {
  const places = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const other = random.integer(0, i);
    [places[i], places[other]] = [places[other], places[i]];
  }
  return places;
}

/** An order, perhaps its modification, perhaps its cancellation, perhaps either a second time. */
function lifecycle(
  random: Prng,
  timed: Timed[],
  timeMs: number,
  id: number,
  side: 0 | 1,
  price: number,
): void {
  const qty = random.integer(1, MOST_LOTS);
  const ioc = random.chance(IOC_SHARE);
  const add = (atMs: number, message: SurveyMessage): void => {
    timed.push({ timeMs: atMs, message });
  };
  add(timeMs, { kind: 'new', id, side, qty, price, ioc });
  if (ioc) return;
  const endMs = timeMs + random.exponential(LIFETIME_MS);
  const towards = side === 0 ? 1 : -1;
  const modified = random.chance(MODIFY_SHARE);
  const moved = Math.max(1, random.chance(REPRICE_SHARE) ? price + towards : price);
  const change = { kind: 'modify', id, side, qty: qty + 1, price: moved } as const;
  if (modified) add(timeMs + (endMs - timeMs) * random.uniform(), change);
  if (!random.chance(CANCEL_SHARE)) return;
  add(endMs, { kind: 'cancel', id });
  if (random.chance(DUPLICATE_SHARE)) add(endMs + LIFETIME_MS, { kind: 'cancel', id });
  if (modified && random.chance(DUPLICATE_SHARE)) add(endMs + LIFETIME_MS, change);
}
