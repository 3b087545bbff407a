import { App, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import type { Route } from '../../src/gateway/http/route.ts';
import {
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
} from '../../src/gateway/http/server.ts';
import { openRiskDesk } from '../../src/gateway/risk/open-risk-desk.ts';
import type { SurfaceParts } from '../../src/gateway/surface-module.ts';
import { registerVenueMetrics } from '../../src/gateway/venue-metrics.ts';
import { type IdentityEvent, NO_CLIENT } from '../../src/identity/events.ts';
import { Identity } from '../../src/identity/identity.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { HttpMetrics } from '../../src/metrics/http-metrics.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { SystemLoadSampler } from '../../src/metrics/system-load.ts';
import { allRoutes, allSurfaces, SURFACES } from '../../src/surfaces/all.ts';
import { openTestAnalytics } from './analytics.ts';
import { InstantVenue } from './instant-venue.ts';
import { openTestJobs } from './test-jobs.ts';

export const ADMIN_PASSWORD = 'correct horse battery staple';

/** A clock a test can move on; it starts at the wall's time. */
export class MovableClock extends SystemClock {
  aheadMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.aheadMs;
  }
}

export interface TestServer {
  readonly port: number;
  readonly base: string;
  readonly venue: InstantVenue;
  readonly clock: MovableClock;
  readonly identity: Identity;
  /** Holds `secrets.json`. */
  readonly directory: string;
  readonly server: HttpServer;
  readonly routes: readonly Route[];
  /** What the surfaces were given. */
  readonly parts: SurfaceParts;
  readonly events: IdentityEvent[];
  /** Users for whom an account was opened. */
  readonly accountsOpened: readonly number[];
  readonly logged: { fields: Record<string, unknown>; message: string }[];
  /** `Authorization` value of the administrator. */
  readonly bearer: string;
  /** Sends a request as the administrator; `path` begins with `/`. */
  request(path: string, init?: RequestInit): Promise<Response>;
  close(): void;
}

export interface TestServerOptions {
  readonly http?: Partial<HttpServerOptions>;
  /** The defaults unless told. */
  readonly settings?: Partial<Settings>;
  readonly extraRoutes?: readonly Route[];
}

/** The gateway's HTTP side over a fake venue, on a free port of 127.0.0.1. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-http-'));
  const clock = new MovableClock();
  const venue = new InstantVenue();
  const events: IdentityEvent[] = [];
  const record = async (event: IdentityEvent) => void events.push(event);
  const identity = Identity.open({ directory, clock, record });
  await identity.ensureAdmin('admin', ADMIN_PASSWORD);
  const metrics = new Metrics();
  const httpMetrics = new HttpMetrics(metrics);
  registerVenueMetrics(metrics, venue);
  for (const surface of SURFACES) surface.registerMetrics?.(metrics, httpMetrics, venue);
  const systemLoad = new SystemLoadSampler(directory);
  const accountsOpened: number[] = [];
  const openAccount = async ({ userId }: { userId: number }): Promise<void> => {
    accountsOpened.push(userId);
  };
  const settings = { ...readSettings({}), ...options.settings };
  const jobs = openTestJobs();
  const risk = openRiskDesk({ settings, venue, jobs });
  const version = '0.0.0';
  const parts = {
    settings,
    clock,
    identity,
    openAccount,
    metrics,
    systemLoad,
    jobs,
    risk,
    ...openTestAnalytics({ settings, venue, jobs, clock }),
    version,
  };
  const routes = [...allRoutes(parts), ...(options.extraRoutes ?? [])];
  const logged: TestServer['logged'] = [];
  const app = App();
  const server = createHttpServer({
    app,
    routes,
    surfaces: allSurfaces(settings),
    authenticator: identity,
    venue,
    clock,
    metrics: httpMetrics,
    log: {
      error: (fields, message) => {
        logged.push({ fields: fields as Record<string, unknown>, message });
      },
    },
    ...options.http,
  });
  const { port, stop } = await listen(app);
  const login = await identity.login('admin', ADMIN_PASSWORD, NO_CLIENT);
  const bearer = 'accessToken' in login ? `Bearer ${login.accessToken}` : '';
  const base = `http://127.0.0.1:${port}`;
  return {
    port,
    base,
    venue,
    clock,
    identity,
    directory,
    server,
    routes,
    parts,
    events,
    accountsOpened,
    logged,
    bearer,
    request: (path, init = {}) => {
      const headers = new Headers(init.headers);
      if (!headers.has('authorization')) headers.set('authorization', bearer);
      return fetch(base + path, { ...init, headers });
    },
    close: () => {
      stop();
      app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function listen(app: ReturnType<typeof App>): Promise<{ port: number; stop: () => void }> {
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('no port to listen on'));
      else {
        const port = us_socket_local_port(socket);
        resolve({ port, stop: () => us_listen_socket_close(socket) });
      }
    });
  });
}
