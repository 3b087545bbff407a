import type { Logger } from 'pino';
import { FrontDoor } from './gateway/front-door.ts';
import { createHttpServer, type HttpServer } from './gateway/http/server.ts';
import type { StreamHub } from './gateway/streams/hub.ts';
import type { StreamParts } from './gateway/surface-module.ts';
import type { HttpMetrics } from './metrics/http-metrics.ts';
import { SystemFigures } from './metrics/system-figures.ts';
import { openLimits } from './server-limits.ts';
import { registerFigures, sampleRequests, socketTotals } from './server-metrics.ts';
import { ServerStreams } from './server-streams.ts';
import { allRoutes, allSurfaces, SURFACES } from './surfaces/all.ts';

type MadeHere =
  | 'requestLimits'
  | 'loginFailures'
  | 'connectionLimit'
  | 'authenticate'
  | 'requestRates';

export interface FrontParts extends Omit<StreamParts, MadeHere> {
  readonly http: HttpMetrics;
  readonly log: Logger;
}

/** How long a shutdown waits for clients that do not take their replies. */
const DRAIN_TIMEOUT_MS = 5_000;
/** For close frames to go out. */
const LAST_FRAMES_MS = 20;

/** All that clients meet: every surface's endpoints and sockets, behind one port. */
export class ServerFront {
  private readonly streams: ServerStreams;
  private readonly server: HttpServer;
  private readonly door: FrontDoor;
  private readonly log: Logger;
  private readonly figures: SystemFigures;

  constructor(parts: FrontParts) {
    const { settings, clock, venue, identity, metrics, http, log } = parts;
    this.log = log;
    for (const surface of SURFACES) surface.registerMetrics?.(metrics, http, venue, parts.maker);
    const limits = openLimits(settings);
    const requestRates = sampleRequests(http, clock);
    const figures = new SystemFigures({
      http,
      requestRates,
      sockets: () => socketTotals(this.hub),
      peers: settings.networkPeers,
      seiUrls: settings.seiRpcUrls,
      nowMs: () => clock.nowMs(),
    });
    this.figures = figures;
    registerFigures(metrics, figures);
    this.streams = new ServerStreams({
      ...parts,
      figures,
      authenticate: (credentials) => identity.authenticate(credentials),
      limits,
      requestRates,
    });
    this.server = createHttpServer({
      routes: allRoutes({ ...parts, figures }),
      surfaces: allSurfaces(settings),
      authenticator: identity,
      venue,
      clock,
      metrics: http,
      log,
      limits: limits.requests,
      clients: limits.clients,
      corsOrigins: settings.corsOrigins,
      strictTransport: settings.tls !== undefined || settings.requireTls,
    });
    this.door = new FrontDoor({
      ...settings,
      mount: (app) => {
        this.hub.attach(app);
        this.server.mount(app);
      },
    });
  }

  get hub(): StreamHub {
    return this.streams.hub;
  }

  /** What the engine tells for the streams' sake. */
  get listeners(): ServerStreams['listeners'] {
    return this.streams.listeners;
  }

  /** Begins to listen. @returns `http://HOST:PORT` */
  async open(): Promise<string> {
    this.figures.start();
    const certificate = await this.door.open();
    if (certificate !== undefined) this.log.info({ certificate }, 'serving TLS');
    return this.door.url;
  }

  /** Serves new connections with the certificate that is in its file now; open ones go on. */
  reloadCertificate(): void {
    const { log } = this;
    try {
      const certificate = this.door.reload();
      if (certificate !== undefined) log.info({ certificate }, 'certificate reloaded');
      else log.info('nothing to reload: this port does not speak TLS');
    } catch (error) {
      log.error({ err: error }, 'certificate not reloaded: the one before stays in use');
    }
  }

  /**
   * Takes no new connection, and tells clients that theirs are about to end; resolves when all have
   * left by themselves, at the latest after the grace they were given.
   */
  announceShutdown(graceMs: number): Promise<void> {
    this.door.stopListening();
    return this.streams.announceShutdown(graceMs);
  }

  /** Takes no new connection, and resolves when every reply that is owed was sent. */
  async drain(): Promise<void> {
    this.door.stopListening();
    await this.server.drain(DRAIN_TIMEOUT_MS);
  }

  /** Ends every connection with a close code. */
  async closeAll(code: number, reason: string): Promise<void> {
    this.hub.closeAll(code, reason);
    await new Promise((resolve) => setTimeout(resolve, LAST_FRAMES_MS));
  }

  close(): void {
    this.figures.stop();
    this.door.close();
  }
}
