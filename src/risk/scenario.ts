/** Changes of prices as fractions: -0.5 is a fall by half. Nothing falls by more than -1. */
export type Shocks = Readonly<Record<string, number>>;

/** What happens to prices in a stress test. */
export interface Scenario {
  readonly id: string;
  readonly name: string;
  /** Where the figures come from. */
  readonly source: string;
  /** First and last date of what it repeats, `YYYY-MM-DD`; `null` where it repeats nothing. */
  readonly from: string | null;
  readonly to: string | null;
  /** By asset: `AAPL`, `BTC`. */
  readonly assets: Shocks;
  /** By sector, as reference data names it. */
  readonly sectors: Shocks;
  /** By class of assets, a class (`crypto_spot`) or a family of them (`crypto`). */
  readonly classes: Shocks;
  readonly factors: ScenarioFactors;
}

export interface ScenarioFactors {
  /** Change of the benchmark: whatever nothing else says anything about moves with it by its beta. */
  readonly market: number | null;
}

/** What a stress test must know of a position. */
export interface StressedAsset {
  readonly asset: string;
  readonly sector: string | null;
  readonly assetClass: string;
  /** Of the position, negative for a short one. */
  readonly value: number;
  /** Against the benchmark; `null` where history does not carry one. */
  readonly beta: number | null;
}

/** What a position's shock rests on, the first of these that the scenario has. */
export type ShockBasis = 'asset' | 'sector' | 'class' | 'market_beta' | 'none';

export interface PositionStress {
  /** `null`: nothing is known of what the asset would do. */
  readonly shock: number | null;
  readonly basis: ShockBasis;
  readonly profit: number;
}

export interface StressResult {
  /** Negative: a loss. Positions without a shock add nothing. */
  readonly profit: number;
  /** One for each asset that was given. */
  readonly positions: readonly PositionStress[];
}

/** Prices as the scenario has them, all at once. */
export function applyScenario(scenario: Scenario, assets: readonly StressedAsset[]): StressResult {
  const positions = assets.map((asset) => stressOf(scenario, asset));
  return { profit: positions.reduce((sum, { profit }) => sum + profit, 0), positions };
}

function stressOf(scenario: Scenario, asset: StressedAsset): PositionStress {
  const [basis, shock] = shockOf(scenario, asset);
  if (shock === null) return { shock, basis, profit: 0 };
  const bounded = Math.max(-1, shock);
  return { shock: bounded, basis, profit: asset.value * bounded };
}

function shockOf(
  { assets, sectors, classes, factors }: Scenario,
  { asset, sector, assetClass, beta }: StressedAsset,
): readonly [ShockBasis, number | null] {
  const own = find(assets, asset);
  if (own !== undefined) return ['asset', own];
  const ofSector = sector === null ? undefined : find(sectors, sector);
  if (ofSector !== undefined) return ['sector', ofSector];
  const ofClass = find(classes, assetClass) ?? find(classes, familyOf(assetClass));
  if (ofClass !== undefined) return ['class', ofClass];
  if (factors.market !== null && beta !== null) return ['market_beta', beta * factors.market];
  return ['none', null];
}

/** `crypto` of `crypto_perpetual` */
export function familyOf(assetClass: string): string {
  return assetClass.split('_')[0];
}

function find(shocks: Shocks, key: string): number | undefined {
  return Object.hasOwn(shocks, key) ? shocks[key] : undefined;
}
