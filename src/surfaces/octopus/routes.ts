import type { Route } from '../../gateway/http/route.ts';
import { adminRoutes } from './admin-routes.ts';
import { type AuthServices, authRoutes } from './auth-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { marketRoutes } from './market-routes.ts';

export type { AuthServices as OctopusServices } from './auth-routes.ts';

export function octopusRoutes(services: AuthServices): Route[] {
  return [
    ...authRoutes(services),
    ...keyRoutes(services.identity),
    ...adminRoutes(services),
    ...marketRoutes(),
  ];
}
