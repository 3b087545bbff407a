import type { ForecastDesk } from '../../gateway/forecasts/forecast-desk.ts';
import type { Route } from '../../gateway/http/route.ts';
import type { RiskDesk } from '../../gateway/risk/risk-desk.ts';
import { BASES } from './errors.ts';
import { MarketReplies } from './market-replies.ts';
import { marketRoutes } from './market-routes.ts';
import { portfolioRoutes } from './portfolio-routes.ts';
import { predictionRoute } from './prediction.ts';
import { riskRoute } from './risk.ts';

interface EntasisServices {
  readonly risk: RiskDesk;
  readonly forecasts: ForecastDesk;
}

/** Every endpoint twice: as the specification has its path, and as the usage examples have it. */
export function entasisRoutes({ risk, forecasts }: EntasisServices): Route[] {
  const replies = new MarketReplies();
  return BASES.flatMap((base) => [
    ...marketRoutes(base, replies),
    ...portfolioRoutes(base),
    predictionRoute(base, forecasts),
    riskRoute(base, risk),
  ]);
}
