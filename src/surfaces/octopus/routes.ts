import type { AlertDesk } from '../../gateway/alerts/alert-desk.ts';
import type { Route } from '../../gateway/http/route.ts';
import type { RiskDesk } from '../../gateway/risk/risk-desk.ts';
import type { Webhooks } from '../../gateway/webhooks/webhooks.ts';
import { adminRoutes } from './admin-routes.ts';
import { alertRoutes } from './alert-routes.ts';
import { type AuthServices, authRoutes } from './auth-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { marketRoutes } from './market-routes.ts';
import { type NewsServices, newsRoutes } from './news-routes.ts';
import { orderRoutes } from './order-routes.ts';
import { portfolioRoutes } from './portfolio-routes.ts';
import { positionRoutes } from './position-routes.ts';
import { type PredictServices, predictRoutes } from './predict-routes.ts';
import { riskRoutes } from './risk-routes.ts';
import { transferRoutes } from './transfer-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

export interface OctopusServices extends AuthServices, NewsServices, PredictServices {
  readonly risk: RiskDesk;
  /** Absent where nobody watches for alerts. */
  readonly alerts?: AlertDesk;
  /** Absent where nobody is told of events over HTTP. */
  readonly webhooks?: Webhooks;
}

export function octopusRoutes(services: OctopusServices): Route[] {
  return [
    ...authRoutes(services),
    ...keyRoutes(services.identity),
    ...adminRoutes(services),
    ...marketRoutes(),
    ...portfolioRoutes(),
    ...positionRoutes(),
    ...transferRoutes(),
    ...orderRoutes(),
    ...riskRoutes(services.risk),
    ...predictRoutes(services),
    ...newsRoutes(services),
    ...(services.alerts === undefined ? [] : alertRoutes(services.alerts)),
    ...(services.webhooks === undefined ? [] : webhookRoutes(services.webhooks)),
  ];
}
