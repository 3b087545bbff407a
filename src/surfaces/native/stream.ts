import { LIMITS } from '../../config/limits.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSocket,
} from '../../gateway/streams/endpoint.ts';
import { LoginFailures } from '../../gateway/streams/login-failures.ts';
import { offeredCredentials } from '../../gateway/streams/socket-credentials.ts';
import type { Venue } from '../../gateway/venue.ts';
import { assert } from '../../lib/assert.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ChannelPosition, MarketView, MarketViews } from '../../projections/market-view.ts';
import { BookChecksum } from './book-checksum.ts';
import { FlatBuffersEncoder } from './encode-flatbuffers.ts';
import { JsonEncoder } from './encode-json.ts';
import type { StreamEncoder } from './encoder.ts';
import type { OrderEntryServices } from './order-entry.ts';
import { CHANNEL_BBO, CHANNEL_BOOK, CHANNEL_NAMES, CHANNEL_TRADES } from './requests.ts';
import { NativeSession } from './session.ts';

export const SUBPROTOCOL_FLATBUFFERS = 'openbell.fb.v1';
export const SUBPROTOCOL_JSON = 'openbell.json.v1';
const FORMAT_JSON = 0;
const FORMAT_FLATBUFFERS = 1;
/** Wire names by `FORMAT_…`. */
const FORMAT_NAMES = ['json', 'flatbuffers'] as const;

export interface NativeStreamOptions {
  readonly markets: MarketRegistry;
  readonly views: MarketViews;
  /** Sequences are comparable within one epoch. */
  readonly epoch: number;
  readonly clock: Clock;
  readonly venue: Venue;
  readonly authenticate: OrderEntryServices['authenticate'];
  /** Orders count against the limit of orders over REST; `undefined` while limits are off. */
  readonly orderLimiter?: OrderEntryServices['orderLimiter'];
  readonly loginFailures?: LoginFailures;
  readonly connectionLimit?: ConnectionLimit;
  /** Bytes a client may leave unread before further snapshots to it wait. */
  readonly snapshotBacklogBytes?: number;
}

/**
 * The native stream, `/ws/stream`: channels `book`, `trades` and `bbo` of every market, as JSON or
 * FlatBuffers, and order entry in JSON. Market data is encoded once per format, and only if somebody
 * listens.
 */
export class NativeStream implements StreamEndpoint, OrderEntryServices {
  readonly name = 'native';
  readonly path = '/ws/stream';
  readonly counters = new StreamCounters();
  readonly markets: MarketRegistry;
  readonly clock: Clock;
  readonly venue: Venue;
  readonly authenticate: OrderEntryServices['authenticate'];
  readonly orderLimiter: OrderEntryServices['orderLimiter'];
  readonly loginFailures: LoginFailures;
  readonly connectionLimit: ConnectionLimit;
  readonly snapshotBacklogBytes: number;
  private readonly views: MarketViews;
  private readonly epoch: number;
  private readonly encoders: readonly StreamEncoder[];
  /** Topic names: format → channel → market id. */
  private readonly topics: string[][][];
  /** Sessions that keep back replies until the end of the drain. */
  private readonly replying = new Set<NativeSession>();
  private publisher: Publisher | undefined;

  constructor(options: NativeStreamOptions) {
    this.markets = options.markets;
    this.views = options.views;
    this.epoch = options.epoch;
    this.clock = options.clock;
    this.venue = options.venue;
    this.authenticate = options.authenticate;
    this.orderLimiter = options.orderLimiter;
    this.loginFailures = options.loginFailures ?? new LoginFailures();
    this.connectionLimit =
      options.connectionLimit ?? new ConnectionLimit(LIMITS.streamConnectionsPerIp);
    this.snapshotBacklogBytes = options.snapshotBacklogBytes ?? LIMITS.socketBackpressureBytes / 2;
    const checksum = new BookChecksum();
    this.encoders = [
      new JsonEncoder(options.epoch, options.clock, checksum),
      new FlatBuffersEncoder(options.epoch, options.clock, checksum),
    ];
    this.topics = FORMAT_NAMES.map((format) =>
      CHANNEL_NAMES.map((channel) => {
        const byMarket: string[] = [];
        for (const market of options.markets.all) {
          byMarket[market.id] = `native/${format}/${channel}/${market.id}`;
        }
        return byMarket;
      }),
    );
  }

  bind(publisher: Publisher): void {
    this.publisher = publisher;
  }

  errorText(code: string, message: string): string {
    return JSON.stringify({ type: 'error', id: null, code, message });
  }

  negotiate(request: StreamRequest): Negotiation {
    if (this.connectionLimit.isReached(request.clientKey)) {
      const message = `at most ${this.connectionLimit.perAddressMax} connections per IP`;
      const code = 'RATE_LIMIT_EXCEEDED';
      return { status: '429 Too Many Requests', code, body: this.errorText(code, message) };
    }
    const asked = new URLSearchParams(request.query).get('format');
    if (asked !== null && !FORMAT_NAMES.some((name) => name === asked)) {
      const message = `"format" is one of ${FORMAT_NAMES.join(', ')}`;
      const code = 'INVALID_FORMAT';
      return { status: '400 Bad Request', code, body: this.errorText(code, message) };
    }
    for (const name of request.subprotocols) {
      if (name === SUBPROTOCOL_FLATBUFFERS || name === SUBPROTOCOL_JSON)
        return { subprotocol: name };
    }
    return { subprotocol: '' };
  }

  open(socket: StreamSocket, request: StreamRequest): NativeSession {
    const format = formatOf(request);
    const welcome = {
      type: 'welcome',
      protocol: 'openbell.stream.v1',
      epoch: this.epoch,
      format: FORMAT_NAMES[format],
      simulated: this.markets.all.some((market) => market.source === 'simulated'),
    };
    socket.send(JSON.stringify(welcome));
    const { address, clientKey } = request;
    const session = new NativeSession(this, socket, format, { address, clientKey });
    const credentials = offeredCredentials(request);
    if (credentials !== undefined) session.login(credentials);
    return session;
  }

  publish(view: MarketView): void {
    if (view.bookPosition.changed) this.publishChannel(CHANNEL_BOOK, view);
    if (view.tradesPosition.changed) this.publishChannel(CHANNEL_TRADES, view);
    if (view.bboPosition.changed) this.publishChannel(CHANNEL_BBO, view);
  }

  private readonly flushLate = (): void => this.flushReplies();

  flushReplies(): void {
    for (const session of this.replying) session.flush();
    this.replying.clear();
  }

  /** Has a session's replies sent at the end of the drain, or, of what comes outside one, soon. */
  remember(session: NativeSession): void {
    if (this.replying.size === 0) setImmediate(this.flushLate);
    this.replying.add(session);
  }

  forget(session: NativeSession): void {
    this.replying.delete(session);
  }

  view(market: Market): MarketView {
    const view = this.views.get(market.id);
    assert(view !== undefined, 'every market of the registry has a view');
    return view;
  }

  position(view: MarketView, channel: number): ChannelPosition {
    if (channel === CHANNEL_BOOK) return view.bookPosition;
    return channel === CHANNEL_TRADES ? view.tradesPosition : view.bboPosition;
  }

  encoder(format: number): StreamEncoder {
    return this.encoders[format];
  }

  isBinary(format: number): boolean {
    return format === FORMAT_FLATBUFFERS;
  }

  topic(format: number, channel: number, market: Market): string {
    return this.topics[format][channel][market.id];
  }

  private publishChannel(channel: number, view: MarketView): void {
    const { publisher } = this;
    assert(publisher !== undefined, 'a stream publishes after it was bound');
    for (let format = 0; format < this.encoders.length; format += 1) {
      const topic = this.topics[format][channel][view.market.id];
      const receivers = publisher.numSubscribers(topic);
      if (receivers === 0) continue;
      const bytes = encode(this.encoders[format], channel, view);
      publisher.publish(topic, bytes, format === FORMAT_FLATBUFFERS);
      this.counters.sent(bytes.length, receivers);
    }
  }
}

function encode(encoder: StreamEncoder, channel: number, view: MarketView): Uint8Array {
  if (channel === CHANNEL_BOOK) return encoder.bookDelta(view);
  return channel === CHANNEL_TRADES ? encoder.trades(view) : encoder.bbo(view);
}

/** The query decides where it names a format, else the first subprotocol that is known. */
function formatOf(request: StreamRequest): number {
  const asked = new URLSearchParams(request.query).get('format');
  if (asked !== null) return asked === 'flatbuffers' ? FORMAT_FLATBUFFERS : FORMAT_JSON;
  for (const name of request.subprotocols) {
    if (name === SUBPROTOCOL_FLATBUFFERS) return FORMAT_FLATBUFFERS;
    if (name === SUBPROTOCOL_JSON) return FORMAT_JSON;
  }
  return FORMAT_JSON;
}
