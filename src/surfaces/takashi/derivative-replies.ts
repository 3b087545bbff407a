import type {
  FundingRateModel,
  OpenInterestModel,
  PredictedFundingResponse,
} from '../../../schemas/takashi.ts';
import { quantityNumber } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import type { Venue } from '../../gateway/venue.ts';
import { scaledToNumber } from '../../lib/fixed-point.ts';
import type { OpenInterestPoint } from '../../projections/derivatives.ts';
import { coveredExchanges, marketsOf, venueSymbol } from './exchanges.ts';
import { isoSeconds } from './times.ts';

const PPB_DECIMALS = 9;

/** Names of the exchanges' perpetuals in predicted funding. */
const PERPETUALS: Readonly<Record<string, string>> = {
  hyperliquid: 'HlPerp',
  binance: 'BinPerp',
  bybit: 'BybitPerp',
};

function nameOf(market: Market) {
  return { exchange: market.exchange, symbol: venueSymbol(market) };
}

/** Contracts open and what they are worth at the mark price. */
export function openInterest(market: Market, point: OpenInterestPoint): OpenInterestModel {
  const { seconds, lots, markTicks } = point;
  const valueUnits = lots * markTicks * market.quoteUnitsPerTickLot;
  return {
    ...nameOf(market),
    timestamp: isoSeconds(seconds),
    open_interest: quantityNumber(market, lots),
    open_interest_value: markTicks === 0 ? null : scaledToNumber(valueUnits, market.quote.decimals),
  };
}

/** The rate that the interval under way would end with now, and when it ends. */
export function funding(venue: Venue, market: Market, nowSeconds: number): FundingRateModel {
  const derivatives = venue.margin.derivatives(market);
  return {
    ...nameOf(market),
    timestamp: isoSeconds(nowSeconds),
    funding_rate: scaledToNumber(derivatives?.predictedRatePpb ?? 0, PPB_DECIMALS),
    funding_time: timeOrNull(derivatives?.nextFundingSeconds ?? 0),
  };
}

/** Rates that were settled, oldest first. */
export function fundingHistory(
  venue: Venue,
  market: Market,
  toSeconds: number,
  limit: number,
): FundingRateModel[] {
  const range = { fromSeconds: 0, toSeconds, intervalSeconds: 300, limit };
  return venue.margin.fundingHistory(market, range).map(({ seconds, ratePpb }) => ({
    ...nameOf(market),
    timestamp: isoSeconds(seconds),
    funding_rate: scaledToNumber(ratePpb, PPB_DECIMALS),
    funding_time: isoSeconds(seconds),
  }));
}

/** By coin what each exchange would settle next; coins in the order of the configuration. */
export function predictedFunding(venue: Venue): PredictedFundingResponse {
  const coins = new Map<string, PredictedFundingResponse[number]['venues']>();
  const covered = coveredExchanges(venue.markets);
  for (const exchange of Object.keys(PERPETUALS).filter((name) => covered.includes(name))) {
    for (const market of marketsOf(venue.markets, exchange)) {
      const derivatives = venue.margin.derivatives(market);
      if (derivatives === undefined) continue;
      const venues = coins.get(market.base.name) ?? [];
      coins.set(market.base.name, venues);
      venues.push({
        venue: PERPETUALS[exchange],
        funding_rate: scaledToNumber(derivatives.predictedRatePpb, PPB_DECIMALS),
        next_funding_time: timeOrNull(derivatives.nextFundingSeconds),
      });
    }
  }
  return [...coins].map(([coin, venues]) => ({ coin, venues }));
}

function timeOrNull(seconds: number): string | null {
  return seconds === 0 ? null : isoSeconds(seconds);
}
