import type { Route } from '../gateway/http/route.ts';
import type { Surface } from '../gateway/http/surface.ts';
import { flashmmSurface } from './flashmm/errors.ts';
import { type FlashmmServices, flashmmRoutes } from './flashmm/routes.ts';
import { octopusSurface } from './octopus/errors.ts';
import { type OctopusServices, octopusRoutes } from './octopus/routes.ts';
import { takashiSurface } from './takashi/errors.ts';
import { takashiRoutes } from './takashi/routes.ts';
import { velocimexSurface } from './velocimex/errors.ts';
import { velocimexRoutes } from './velocimex/routes.ts';

export interface SurfaceSettings {
  /** Requests per minute and client address on the TAKASHI surface. */
  readonly takashiRequestsPerMinute?: number;
}

/** Every surface that answers on the port. */
export function allSurfaces(settings: SurfaceSettings = {}): Surface[] {
  return [
    velocimexSurface,
    flashmmSurface,
    octopusSurface,
    takashiSurface(settings.takashiRequestsPerMinute),
  ];
}

/** Every REST endpoint of every surface. */
export function allRoutes(services: FlashmmServices & OctopusServices): Route[] {
  return [
    ...velocimexRoutes(),
    ...flashmmRoutes(services),
    ...octopusRoutes(services),
    ...takashiRoutes(),
  ];
}
