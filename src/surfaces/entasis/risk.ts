import { ExchangeQuery, RiskResponse, SymbolParams } from '../../../schemas/entasis.ts';
import type { Market } from '../../domain/markets.ts';
import { TOO_MANY_JOBS } from '../../domain/result-codes.ts';
import { TOO_LITTLE_DATA } from '../../gateway/http/insufficient-data.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, type Route } from '../../gateway/http/route.ts';
import { answerByJob } from '../../gateway/jobs/job-answer.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import { dateText } from '../../gateway/risk/daily-closes.ts';
import { notCarried } from '../../gateway/risk/not-carried.ts';
import { dayClaim, type RiskDesk } from '../../gateway/risk/risk-desk.ts';
import { insufficientData, isInsufficient } from '../../risk/insufficient.ts';
import type { PortfolioRisk } from '../../risk/portfolio-risk.ts';
import { SURFACE } from './errors.ts';
import { secondsText } from './times.ts';

const CONFIDENCE = 0.95;
const VOLATILITY_DECIMALS = 4;

/** The risk of one unit of a market over one day. */
export function riskRoute(base: string, desk: RiskDesk): Route {
  return defineRoute({
    surface: SURFACE,
    limit: 'rest',
    auth: 'required',
    scope: 'read',
    method: 'GET',
    path: `${base}/analysis/risk/{symbol}`,
    summary: 'Value at risk and expected shortfall of one unit over one day, and volatility',
    params: SymbolParams,
    query: ExchangeQuery,
    response: RiskResponse,
    examples: { params: { symbol: 'BTC-USDT' } },
    refusals: [...NO_SUCH_MARKET, ...refusalsOfResults(TOO_MANY_JOBS), ...TOO_LITTLE_DATA],
    successStatus: 200,
    handler: (context) => {
      const { params, query, venue, clock } = context;
      const market = marketOf(venue.markets, params.symbol, query.exchange);
      if (market instanceof Refusal) return market;
      const { lastTicks } = venue.statistics(market);
      if (lastTicks === 0)
        return notCarried(insufficientData('a price', 1, 0), { symbol: market.symbol });
      const value = (lastTicks * market.tickUnits) / 10 ** market.priceDecimals;
      const claim = dayClaim(CONFIDENCE);
      const request = desk.portfolioRisk([{ market, value }], value, [claim]);
      return answerByJob(desk.jobs, context, request, (risk) =>
        riskToWire(market, risk, clock.nowMs()),
      );
    },
  });
}

function riskToWire(
  market: Market,
  { claims: [claim], measures }: PortfolioRisk,
  nowMs: number,
): RiskResponse | Refusal {
  const { tail, firstDay, lastDay } = claim;
  if (isInsufficient(tail)) return notCarried(tail, { symbol: market.symbol });
  if (isInsufficient(measures)) return notCarried(measures, { symbol: market.symbol });
  const decimals = Math.max(2, market.priceDecimals);
  return {
    symbol: market.symbol,
    var_95: tail.valueAtRisk.toFixed(decimals),
    expected_shortfall: tail.expectedShortfall.toFixed(decimals),
    volatility: measures.volatility.toFixed(VOLATILITY_DECIMALS),
    timestamp: secondsText(Math.floor(nowMs / 1000)),
    exchange: market.exchange,
    method: claim.method,
    observations: claim.observations,
    from: dateText(firstDay ?? 0),
    to: dateText(lastDay ?? 0),
  };
}
