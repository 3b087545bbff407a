import type { Settings } from '../config/settings.ts';
import type { Identity } from '../identity/identity.ts';
import type { User } from '../identity/users.ts';
import type { JobPool } from '../jobs/job-pool.ts';
import type { Clock } from '../lib/clock.ts';
import type { HttpMetrics } from '../metrics/http-metrics.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { RequestRateSampler } from '../metrics/request-rates.ts';
import type { SystemFigures } from '../metrics/system-figures.ts';
import type { SystemLoadSampler } from '../metrics/system-load.ts';
import type { MarketViews } from '../projections/market-view.ts';
import type { AlertDesk } from './alerts/alert-desk.ts';
import type { EngineListeners } from './engine-parts.ts';
import type { ForecastDesk } from './forecasts/forecast-desk.ts';
import type { RateLimits } from './http/admission.ts';
import type { Route } from './http/route.ts';
import type { Surface } from './http/surface.ts';
import type { LiveVenues } from './live-venues.ts';
import type { MakerDesk } from './maker/maker-desk.ts';
import type { NewsDesk } from './news/news-desk.ts';
import type { RiskDesk } from './risk/risk-desk.ts';
import type { StrategyDesk } from './strategies/strategy-desk.ts';
import type { ConnectionLimit } from './streams/connection-limit.ts';
import type { StreamEndpoint } from './streams/endpoint.ts';
import type { LoginFailures } from './streams/login-failures.ts';
import type { SocketAuthenticator } from './streams/socket-credentials.ts';
import type { SocketPath } from './streams/socket-path.ts';
import type { Venue } from './venue.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/**
 * An API surface as the server knows it: a folder `src/surfaces/NAME/` whose `module.ts` says this,
 * and its line in `src/surfaces/all.ts`. Nothing else names a surface; all that the server mounts,
 * limits, counts and tests follows from here. Each function asks for those parts that it uses.
 */
export interface SurfaceModule {
  readonly name: string;
  /** How it answers over HTTP; absent where it has sockets alone. */
  http?(settings: Settings): Surface;
  routes?(parts: SurfaceParts): Route[];
  /** Its WebSocket paths; `streams` opens exactly these. */
  readonly sockets: readonly SocketPath[];
  /** Sockets that one client may hold on all of its paths together. */
  socketsPerClientMax(settings: Settings): number;
  streams?(parts: StreamParts): SurfaceStreams;
  /** Series that the surface's own documents name. */
  registerMetrics?(metrics: Metrics, http: HttpMetrics, venue: Venue, maker?: MakerDesk): void;
}

/** What works beside the orders, for surfaces to ask. */
export interface Desks {
  /** What takes too long for the gateway. */
  readonly jobs: JobPool;
  readonly risk: RiskDesk;
  readonly forecasts: ForecastDesk;
  readonly news: NewsDesk;
  /** Absent where no strategies are run: then there are no endpoints of theirs. */
  readonly strategies?: StrategyDesk;
  /** Absent where nobody watches for alerts: then there are no endpoints of theirs. */
  readonly alerts?: AlertDesk;
  /** Who is told of events over HTTP; absent where nobody is. */
  readonly webhooks?: Webhooks;
  /** The market-making account and its operators' controls; absent where no strategies are run. */
  readonly maker?: MakerDesk;
}

/** Everything that a surface may use to answer requests. */
export interface SurfaceParts extends Desks {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly identity: Identity;
  /** Opens what a new user trades with; resolves when it is durable. */
  readonly openAccount: (user: User) => Promise<void>;
  readonly metrics: Metrics;
  /** How busy the machine is, and how full its disk. */
  readonly systemLoad: SystemLoadSampler;
  /** Absent where no exchange can be followed. */
  readonly liveVenues?: LiveVenues;
  /** Of this program. */
  readonly version: string;
  /** All that is served, for who tells of it; there from the first request on. */
  readonly catalogue?: () => Catalogue;
  /** What health tells beside the load; absent where nobody measures. */
  readonly figures?: SystemFigures;
}

/** All that is served on the port. */
export interface Catalogue {
  readonly routes: readonly Route[];
  readonly surfaces: readonly Surface[];
  readonly modules: readonly SurfaceModule[];
}

/** Everything that a surface may use to feed sockets, besides that. */
export interface StreamParts extends SurfaceParts {
  readonly venue: Venue;
  readonly views: MarketViews;
  /** Sequences of messages are comparable within one epoch. */
  readonly epoch: number;
  readonly authenticate: SocketAuthenticator;
  /** Of all surfaces: orders over a socket count against those over HTTP. */
  readonly requestLimits: RateLimits;
  /** Failed authentications over all sockets of the server. */
  readonly loginFailures: LoginFailures;
  /** This surface's own, as its `socketsPerClientMax` has it. */
  readonly connectionLimit: ConnectionLimit;
  readonly requestRates: RequestRateSampler;
}

/** What the engine tells for the sake of users' own streams. */
export type UserListeners = Partial<
  Pick<EngineListeners, 'onUserOrder' | 'onUserFill' | 'onAccountChanged' | 'onVenueEvent'>
>;

/** A surface's open paths. */
export interface SurfaceStreams {
  readonly endpoints: readonly StreamEndpoint[];
  /** What of its users the engine tells it. */
  readonly listeners?: UserListeners;
}
