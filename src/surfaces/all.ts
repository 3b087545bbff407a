import type { Route } from '../gateway/http/route.ts';
import type { Surface } from '../gateway/http/surface.ts';
import { AddressList } from '../lib/address-list.ts';
import { entasisSurface } from './entasis/errors.ts';
import { entasisRoutes } from './entasis/routes.ts';
import { flashmmSurface } from './flashmm/errors.ts';
import { type FlashmmServices, flashmmRoutes } from './flashmm/routes.ts';
import { octopusSurface } from './octopus/errors.ts';
import { type OctopusServices, octopusRoutes } from './octopus/routes.ts';
import { takashiSurface } from './takashi/errors.ts';
import { type TakashiServices, takashiRoutes } from './takashi/routes.ts';
import { velocimexSurface } from './velocimex/errors.ts';
import { velocimexRoutes } from './velocimex/routes.ts';
import { type StrategyServices, strategyRoutes } from './velocimex/strategies.ts';

export interface SurfaceSettings {
  /** Requests per minute and client address on the TAKASHI surface. */
  readonly takashiRequestsPerMinute?: number;
  /** Where clients of the Entasis surface must come from; absent or empty: from anywhere. */
  readonly entasisAllowedAddresses?: readonly string[];
}

/** Every surface that answers on the port. */
export function allSurfaces(settings: SurfaceSettings = {}): Surface[] {
  return [
    velocimexSurface,
    flashmmSurface,
    octopusSurface,
    entasisSurface(new AddressList(settings.entasisAllowedAddresses ?? [])),
    takashiSurface(settings.takashiRequestsPerMinute),
  ];
}

/** Every REST endpoint of every surface; those of strategies and CoinMarketCap where these are. */
export function allRoutes(
  services: FlashmmServices & OctopusServices & Partial<StrategyServices & TakashiServices>,
): Route[] {
  const { strategies } = services;
  return [
    ...velocimexRoutes(),
    ...(strategies === undefined ? [] : strategyRoutes({ strategies })),
    ...flashmmRoutes(services),
    ...octopusRoutes(services),
    ...entasisRoutes(),
    ...takashiRoutes(services),
  ];
}
