import { Prng } from '../lib/prng.ts';
import { deriveSeed, hashText } from './seeds.ts';

/** The simulated market never closes, so a year is the whole calendar year. */
export const SECONDS_PER_YEAR = 365.25 * 86_400;

/** One thing that has a value of its own, wherever it is traded. */
export interface AssetSpec {
  readonly name: string;
  /** Assets of one group share a market factor. */
  readonly group: string;
  /** Natural logarithm of the value at the start, in the quote asset. */
  readonly logPrice: number;
  /** Annualised standard deviation of the log price, as a fraction. */
  readonly annualVolatility: number;
  /** Sets the stream of chance apart from that of a former run. */
  readonly generation: number;
}

/** Time constants in seconds and standard deviations of the two parts of the log volatility. */
const SLOW_SECONDS = 2_700;
const SLOW_DEVIATION = 0.22;
const FAST_SECONDS = 150;
const FAST_DEVIATION = 0.5;
/** Group and asset each carry this share of the variance of an asset's log volatility. */
const VOLATILITY_SHARE = Math.SQRT1_2;
/** With it the mean square of the volatility factor is 1 (lognormal mean). */
const LOG_MEAN = -(SLOW_DEVIATION ** 2 + FAST_DEVIATION ** 2);
/** Correlation of an asset's return with its group's factor, as the factor's loading. */
const FACTOR_LOADING = 0.75;
const JUMP_INTERVAL_SECONDS = 2_400;
/** Share of the variance that comes in jumps. */
const JUMP_SHARE = 0.04;
/** A jump leaves the fast log volatility this much higher. */
const JUMP_EXCITEMENT = 0.6;
/** Mean time between two moments at which the latent value becomes known to the traders. */
export const REVEAL_SECONDS = 1.5;

/** Log volatility as a sum of two Ornstein-Uhlenbeck processes, one slow and one fast. */
class LogVolatility {
  private slow: number;
  private fast: number;
  private readonly prng: Prng;

  constructor(prng: Prng) {
    this.prng = prng;
    this.slow = SLOW_DEVIATION * prng.normal();
    this.fast = FAST_DEVIATION * prng.normal();
  }

  get value(): number {
    return this.slow + this.fast;
  }

  advance(seconds: number): void {
    this.slow = this.revert(this.slow, seconds / SLOW_SECONDS, SLOW_DEVIATION);
    this.fast = this.revert(this.fast, seconds / FAST_SECONDS, FAST_DEVIATION);
  }

  excite(amount: number): void {
    this.fast += amount;
  }

  private revert(value: number, time: number, deviation: number): number {
    const kept = Math.exp(-time);
    return value * kept + deviation * Math.sqrt(1 - kept * kept) * this.prng.normal();
  }
}

interface Group {
  readonly prng: Prng;
  readonly volatility: LogVolatility;
  /** The factor's standard normal shock of this step. */
  shock: number;
}

interface Asset {
  readonly group: Group;
  readonly prng: Prng;
  readonly volatility: LogVolatility;
  readonly sigmaPerRootSecond: number;
  latent: number;
  revealed: number;
  factor: number;
}

/**
 * The value of every asset: a log price driven by a common factor of its group and a shock of its
 * own, with a volatility that wanders and clusters (two-factor stochastic volatility, after Taylor
 * 1986 and Chernov et al. 2003) and rare jumps. Traders do not see it move all the time: it becomes
 * known at random moments, more often when it is volatile, so prices stand still and then go.
 */
export class FundamentalModel {
  private readonly groups = new Map<string, Group>();
  private readonly assets = new Map<string, Asset>();

  constructor(specs: readonly AssetSpec[], seed: number) {
    for (const spec of specs) {
      const prng = new Prng(deriveSeed(seed, hashText(spec.name), spec.generation));
      const sigma = spec.annualVolatility / Math.sqrt(SECONDS_PER_YEAR);
      this.assets.set(spec.name, {
        group: this.group(spec.group, seed, spec.generation),
        prng,
        volatility: new LogVolatility(prng),
        sigmaPerRootSecond: sigma,
        latent: spec.logPrice,
        revealed: spec.logPrice,
        factor: 1,
      });
    }
  }

  /** Moves everything on by a time in milliseconds. */
  advance(elapsedMs: number): void {
    const seconds = elapsedMs / 1000;
    for (const group of this.groups.values()) {
      group.volatility.advance(seconds);
      group.shock = group.prng.normal();
    }
    for (const asset of this.assets.values()) advanceAsset(asset, seconds);
  }

  /** Natural logarithm of the asset's value as the traders know it. */
  logPrice(name: string): number {
    return this.assets.get(name)!.revealed;
  }

  /** The asset's volatility now as a multiple of its mean. */
  volatilityFactor(name: string): number {
    return this.assets.get(name)!.factor;
  }

  private group(name: string, seed: number, generation: number): Group {
    let group = this.groups.get(name);
    if (group === undefined) {
      const prng = new Prng(deriveSeed(seed, hashText(name), generation, 1));
      group = { prng, volatility: new LogVolatility(prng), shock: 0 };
      this.groups.set(name, group);
    }
    return group;
  }
}

function advanceAsset(asset: Asset, seconds: number): void {
  const { prng, group, sigmaPerRootSecond: sigma } = asset;
  asset.volatility.advance(seconds);
  const logVolatility = VOLATILITY_SHARE * (group.volatility.value + asset.volatility.value);
  asset.factor = Math.exp(logVolatility + LOG_MEAN);
  const own = Math.sqrt(1 - FACTOR_LOADING ** 2) * prng.normal();
  const diffusion = sigma * Math.sqrt((1 - JUMP_SHARE) * seconds) * asset.factor;
  asset.latent += diffusion * (FACTOR_LOADING * group.shock + own);
  const jumped = prng.chance(1 - Math.exp(-seconds / JUMP_INTERVAL_SECONDS));
  if (jumped) {
    asset.latent += sigma * Math.sqrt(JUMP_SHARE * JUMP_INTERVAL_SECONDS) * prng.normal();
    asset.volatility.excite(JUMP_EXCITEMENT);
  }
  const urgency = Math.min(4, Math.max(0.4, asset.factor));
  const revealed = prng.chance(1 - Math.exp((-seconds * urgency) / REVEAL_SECONDS));
  if (jumped || revealed) asset.revealed = asset.latent;
}
