import { buildRegistry, type MarketRegistry } from '../../src/config/markets.ts';
import { CandleDesk, NO_BARS } from '../../src/gateway/candle-desk.ts';
import { ConnectionLimit } from '../../src/gateway/streams/connection-limit.ts';
import type { StreamRequest } from '../../src/gateway/streams/endpoint.ts';
import { StreamHub } from '../../src/gateway/streams/hub.ts';
import { LoginFailures } from '../../src/gateway/streams/login-failures.ts';
import { Grant } from '../../src/identity/grant.ts';
import { AuthFailure } from '../../src/identity/principal.ts';
import { RequestRateSampler } from '../../src/metrics/request-rates.ts';
import { SystemLoadSampler } from '../../src/metrics/system-load.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { FlashmmLiveStream } from '../../src/surfaces/flashmm/live-stream.ts';
import { InstantVenue } from './instant-venue.ts';
import { MarketFlow } from './market-flow.ts';
import { shippedMarkets } from './markets.ts';
import { FakeHub, type FakeSocket, PLAIN_REQUEST, StepClock } from './stream-fakes.ts';

export interface LiveSceneOptions {
  readonly seed?: number;
  readonly loginWindowMs?: number;
  readonly registry?: MarketRegistry;
}

/** `/ws/live-data` over the views of one seeded market, for users `reader` and `nobody`. */
export class LiveScene {
  readonly registry: MarketRegistry;
  readonly views: MarketViews;
  readonly clock = new StepClock();
  readonly grant = new Grant();
  readonly stream: FlashmmLiveStream;
  readonly flow: MarketFlow;
  private readonly hub: StreamHub;
  private readonly wire = new FakeHub();

  constructor({ seed = 1, loginWindowMs, registry = shippedMarkets() }: LiveSceneOptions = {}) {
    const { clock, grant } = this;
    this.registry = registry;
    this.views = new MarketViews(registry.all);
    const desk = new CandleDesk({ views: this.views, store: NO_BARS, clock });
    const venue = new InstantVenue();
    this.stream = new FlashmmLiveStream({
      venue: {
        markets: registry,
        statistics: desk.statistics.bind(desk),
        status: venue.status.bind(venue),
      },
      views: this.views,
      clock,
      authenticate: ({ authorization }) => {
        const user = { userId: 11, username: 'reader', credential: 'user:11', grant };
        if (authorization === 'Bearer reader') return { ...user, scopes: ['read'] };
        if (authorization === 'Bearer nobody') return { ...user, scopes: [] };
        return new AuthFailure('INVALID_CREDENTIALS', 'unknown token');
      },
      connectionLimit: new ConnectionLimit(10),
      loginFailures: new LoginFailures(),
      systemLoad: new SystemLoadSampler('.'),
      requestRates: new RequestRateSampler(() => ({ requests: 0, failures: 0 }), clock.nowMs()),
      loginWindowMs,
    });
    this.hub = new StreamHub({ views: this.views, clock, endpoints: [this.stream] });
    this.stream.bind(this.wire);
    const [first] = this.stream.channels.markets.keys();
    this.flow = new MarketFlow(first.id, seed, 42_150);
    this.flow.seconds = clock.seconds;
  }

  connect(request: Partial<StreamRequest> = {}): FakeSocket {
    const socket = this.wire.socket();
    socket.session = this.stream.open(socket, { ...PLAIN_REQUEST, ...request });
    return socket;
  }

  /** A connection that has proved who it is. */
  authenticated(query = ''): FakeSocket {
    const socket = this.connect({ query });
    socket.ask({ action: 'authenticate', token: 'reader' });
    return socket;
  }

  drain(records: number): void {
    for (let i = 0; i < records; i += 1) {
      this.flow.step();
      this.hub.views.apply(this.flow.views, 0);
    }
    this.hub.publish();
  }

  pass(ms: number): void {
    const nanos = this.clock.nanos + ms * 1_000_000;
    this.clock.seconds += Math.floor(nanos / 1_000_000_000);
    this.clock.nanos = nanos % 1_000_000_000;
    this.stream.flush();
  }
}

/** A registry of so many markets on `sei`. */
export function seiRegistry(count: number): MarketRegistry {
  const assets: Record<string, { decimals: number }> = { USDC: { decimals: 6 } };
  const markets = Array.from({ length: count }, (_, i) => {
    const base = `T${i}`;
    assets[base] = { decimals: 6 };
    return {
      id: i + 1,
      exchange: 'sei',
      symbol: `${base}-USDC`,
      base,
      quote: 'USDC',
      tick: '0.00001',
      lot: '0.1',
      maxQty: '1000',
      name: base,
      sector: null,
      sharesOutstanding: null,
      startPrice: null,
      annualVolatility: null,
    };
  });
  const sei = { assetClass: 'crypto_spot', makerFeePpm: 0, takerFeePpm: 0 } as const;
  return buildRegistry({ assets, exchanges: { sei }, markets });
}
