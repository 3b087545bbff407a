import { LIMITS } from './config/limits.ts';
import type { Settings } from './config/settings.ts';
import { RateLimits } from './gateway/http/admission.ts';
import { Clients } from './gateway/http/client-address.ts';
import type { Surface } from './gateway/http/surface.ts';
import { ConnectionLimit } from './gateway/streams/connection-limit.ts';
import { LoginFailures } from './gateway/streams/login-failures.ts';

/** Who may come how often, over requests and sockets together. */
export interface ServerLimits {
  /** By surface and category; orders over sockets count against those of REST. */
  readonly requests: RateLimits;
  readonly clients: Clients;
  /** Failed authentications over all sockets. */
  readonly loginFailures: LoginFailures;
  readonly velocimexSockets: ConnectionLimit;
  readonly nativeSockets: ConnectionLimit;
  readonly entasisSockets: ConnectionLimit;
  readonly octopusSockets: ConnectionLimit;
  readonly flashmmSockets: ConnectionLimit;
  readonly takashiSockets: ConnectionLimit;
}

/** Limits as the settings want them; without any while they are off. */
export function openLimits(settings: Settings, surfaces: readonly Surface[]): ServerLimits {
  const limited = settings.rateLimits === 'on';
  const unlessOff = (max: number): number => (limited ? max : Number.POSITIVE_INFINITY);
  return {
    requests: new RateLimits(surfaces, limited, settings.rateLimitOverrides),
    clients: new Clients({ ...settings, servesTls: settings.tls !== undefined }),
    loginFailures: new LoginFailures(unlessOff(LIMITS.webSocketLoginFailuresPerMinute)),
    velocimexSockets: new ConnectionLimit(unlessOff(settings.webSocketConnectionsPerIp)),
    entasisSockets: new ConnectionLimit(unlessOff(LIMITS.streamConnectionsPerIp)),
    octopusSockets: new ConnectionLimit(unlessOff(LIMITS.streamConnectionsPerIp)),
    flashmmSockets: new ConnectionLimit(unlessOff(settings.webSocketConnectionsPerIp)),
    takashiSockets: new ConnectionLimit(unlessOff(LIMITS.streamConnectionsPerIp)),
    nativeSockets: new ConnectionLimit(unlessOff(LIMITS.streamConnectionsPerIp)),
  };
}
