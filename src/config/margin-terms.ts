import type { AssetClass, MarginTerms } from '../domain/markets.ts';

/** What an exchange, or a market of its own, says about margin in `config/markets.json`. */
export interface MarginEntry {
  /** Default 0: margin portfolios do not trade here. A whole number up to 200. */
  maxLeverage?: number;
  /** Default: half of the initial margin at the highest leverage. */
  maintenanceMarginPpm?: number;
  /** Default 2500 (0.25 %). */
  liquidationFeePpm?: number;
  /** Perpetuals only. Default 8; must divide 24. */
  fundingHours?: number;
  /** Perpetuals only. Default 7500 (0.75 %). */
  fundingCapPpm?: number;
}

const LEVERAGE_MAX = 200;
const LIQUIDATION_FEE_PPM = 2500;
const FUNDING_HOURS = 8;
const FUNDING_CAP_PPM = 7500;

/** @throws with `where` when a number is out of range */
export function marginTerms(
  entry: MarginEntry,
  assetClass: AssetClass,
  positionLimitLots: number,
  where: string,
): MarginTerms | null {
  const { maxLeverage = 0, fundingHours = FUNDING_HOURS, fundingCapPpm = FUNDING_CAP_PPM } = entry;
  if (maxLeverage === 0) return null;
  whole(maxLeverage, 1, LEVERAGE_MAX, `${where}: maxLeverage`);
  const initialPpm = Math.floor(1_000_000 / maxLeverage);
  const maintenancePpm = entry.maintenanceMarginPpm ?? Math.floor(initialPpm / 2);
  // Below the initial margin, or what was just opened would be liquidated at once.
  whole(maintenancePpm, 1, initialPpm - 1, `${where}: maintenanceMarginPpm`);
  const liquidationFeePpm = entry.liquidationFeePpm ?? LIQUIDATION_FEE_PPM;
  whole(liquidationFeePpm, 0, 100_000, `${where}: liquidationFeePpm`);
  whole(fundingHours, 1, 24, `${where}: fundingHours`);
  if (24 % fundingHours !== 0) throw new Error(`${where}: fundingHours must divide 24`);
  whole(fundingCapPpm, 1, 100_000, `${where}: fundingCapPpm`);
  const funding = { intervalSeconds: fundingHours * 3600, capPpb: fundingCapPpm * 1000 };
  return {
    maxLeverage,
    maintenancePpm,
    liquidationFeePpm,
    positionLimitLots,
    funding: assetClass === 'crypto_perpetual' ? funding : null,
  };
}

function whole(value: number, from: number, to: number, what: string): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new Error(`${what} is ${value}; it must be a whole number, ${from} to ${to}`);
}
