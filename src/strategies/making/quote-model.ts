/** What the quotes follow from; prices and distances in ticks. */
export interface QuoteInputs {
  /** Middle of the touch without the maker's own quotes. */
  readonly midTicks: number;
  /** Best prices of the others; 0 where there is none. */
  readonly bidTicks: number;
  readonly askTicks: number;
  /** Standard deviation of the price over one second. */
  readonly volatilityTicks: number;
  /** Decay of the takers' intensity with the distance, per tick. */
  readonly intensityDecayPerTick: number;
  /** Inventory less its target, as a share of the greatest inventory: -1 to 1. */
  readonly inventoryShare: number;
  /** One order's quantity as the same share. */
  readonly orderShare: number;
  /** What is to be added to the middle: a prediction's shift; 0 without one. */
  readonly shiftTicks: number;
}

export interface QuoteSettings {
  readonly riskAversion: number;
  readonly horizonSeconds: number;
  readonly minSpreadBps: number;
  readonly maxSpreadBps: number;
}

export interface Quotes {
  /** The price at which the maker is indifferent, with its fraction of a tick. */
  readonly reservationTicks: number;
  readonly halfSpreadTicks: number;
  /** Best bid and ask to be quoted, whole ticks, out of reach of the other side. */
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** A price that stands still wanders this far: without it the aversion per tick had no bounds. */
const LEAST_WANDER_TICKS = 0.01;

/**
 * Avellaneda and Stoikov, "High-frequency trading in a limit order book" (2008), with a horizon that
 * moves along. With v = σ √τ, how far the price wanders over the horizon, and the inventory q as a share
 * of the greatest one, risk aversion per tick is γ = a / v for a setting a without a unit, so that
 *
 *   reservation = mid − q γ σ² τ                = mid − q a v
 *   half spread = γ σ² τ u / 2 + ln(1 + γ/κ)/γ   = a v u / 2 + …
 *
 * where u is one order's share and κ the decay of the takers' intensity: a full inventory moves the
 * quotes by a deviations, however volatile the market is and whatever its tick.
 */
export function quotesFor(inputs: QuoteInputs, settings: QuoteSettings): Quotes {
  const { midTicks, volatilityTicks, intensityDecayPerTick, inventoryShare, orderShare } = inputs;
  const { riskAversion, horizonSeconds, minSpreadBps, maxSpreadBps } = settings;
  const wanderTicks = volatilityTicks * Math.sqrt(horizonSeconds);
  const reservationTicks =
    midTicks + inputs.shiftTicks - inventoryShare * riskAversion * wanderTicks;
  // The limit of ln(1 + γ/κ)/γ for a maker without aversion is 1/κ.
  const gamma = riskAversion / Math.max(wanderTicks, LEAST_WANDER_TICKS);
  const ratio = gamma / intensityDecayPerTick;
  const margin = ratio < 1e-9 ? 1 / intensityDecayPerTick : Math.log1p(ratio) / gamma;
  const optimal = (riskAversion * wanderTicks * orderShare) / 2 + margin;
  const halfBps = midTicks / 20_000;
  const halfSpreadTicks = Math.min(
    maxSpreadBps * halfBps,
    Math.max(minSpreadBps * halfBps, optimal),
  );
  const bid = Math.floor(reservationTicks - halfSpreadTicks);
  const ask = Math.ceil(reservationTicks + halfSpreadTicks);
  // Quotes never take: what would reach the other side stands one tick before it.
  const bidTicks = inputs.askTicks > 0 ? Math.min(bid, inputs.askTicks - 1) : bid;
  const askTicks = inputs.bidTicks > 0 ? Math.max(ask, inputs.bidTicks + 1) : ask;
  return {
    reservationTicks,
    halfSpreadTicks,
    bidTicks: Math.max(1, bidTicks),
    askTicks: Math.max(2, askTicks),
  };
}
