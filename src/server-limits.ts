import { LIMITS } from './config/limits.ts';
import type { Settings } from './config/settings.ts';
import { RateLimits } from './gateway/http/admission.ts';
import { Clients } from './gateway/http/client-address.ts';
import { ConnectionLimit } from './gateway/streams/connection-limit.ts';
import { LoginFailures } from './gateway/streams/login-failures.ts';
import type { SurfaceModule } from './gateway/surface-module.ts';
import { allSurfaces, SURFACES } from './surfaces/all.ts';

/** Who may come how often, over requests and sockets together. */
export interface ServerLimits {
  /** By surface and category; orders over sockets count against those of REST. */
  readonly requests: RateLimits;
  readonly clients: Clients;
  /** Failed authentications over all sockets. */
  readonly loginFailures: LoginFailures;
  /** Open sockets of one surface. */
  readonly sockets: ReadonlyMap<SurfaceModule, ConnectionLimit>;
}

/** Limits as the settings want them; without any while they are off. */
export function openLimits(settings: Settings): ServerLimits {
  const limited = settings.rateLimits === 'on';
  const unlessOff = (max: number): number => (limited ? max : Number.POSITIVE_INFINITY);
  const { rateLimitOverrides } = settings;
  return {
    requests: new RateLimits(allSurfaces(settings), limited, rateLimitOverrides),
    clients: new Clients({ ...settings, servesTls: settings.tls !== undefined }),
    loginFailures: new LoginFailures(unlessOff(LIMITS.webSocketLoginFailuresPerMinute)),
    sockets: new Map(
      SURFACES.map((surface) => {
        const max = surface.socketsPerClientMax(settings);
        return [surface, new ConnectionLimit(unlessOff(max))] as const;
      }),
    ),
  };
}
