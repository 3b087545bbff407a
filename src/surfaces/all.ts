import { readSettings, type Settings } from '../config/settings.ts';
import type { Route } from '../gateway/http/route.ts';
import type { Surface } from '../gateway/http/surface.ts';
import type { SurfaceModule, SurfaceParts } from '../gateway/surface-module.ts';
import { documents } from './documents/module.ts';
import { entasis } from './entasis/module.ts';
import { flashmm } from './flashmm/module.ts';
import { native } from './native/module.ts';
import { octopus } from './octopus/module.ts';
import { takashi } from './takashi/module.ts';
import { velocimex } from './velocimex/module.ts';

/** Every surface that answers on the port, in the order in which they are told what happens. */
export const SURFACES: readonly SurfaceModule[] = [
  native,
  velocimex,
  flashmm,
  octopus,
  entasis,
  takashi,
  documents,
];

/** How each of them answers over HTTP. @param settings the defaults unless told */
export function allSurfaces(settings: Settings = readSettings({})): Surface[] {
  return SURFACES.flatMap((surface) => surface.http?.(settings) ?? []);
}

/** Every endpoint of every surface. */
export function allRoutes(parts: SurfaceParts): Route[] {
  const routes: Route[] = [];
  const surfaces = allSurfaces(parts.settings);
  const catalogue = () => ({ routes, surfaces, modules: SURFACES });
  for (const { routes: routesOf } of SURFACES)
    routes.push(...(routesOf?.({ ...parts, catalogue }) ?? []));
  return routes;
}
