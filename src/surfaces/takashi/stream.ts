import { parseQueryString } from '../../gateway/http/query-string.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { compileQueryReader, type QueryReader } from '../../gateway/http/validation.ts';
import { CLOSE_NOT_FOUND } from '../../gateway/streams/close-codes.ts';
import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import type { StreamCounters } from '../../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSession,
  StreamSocket,
} from '../../gateway/streams/endpoint.ts';
import { formatOf } from '../../gateway/streams/formats.ts';
import { SocketDoor } from '../../gateway/streams/socket-door.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketView } from '../../projections/market-view.ts';
import { errorReply } from './errors.ts';
import { TakashiSession } from './session.ts';
import type { TakashiSocket } from './sockets.ts';

/** A client, and what it asked for. */
export interface Listener {
  readonly socket: StreamSocket;
  readonly params: StreamRequest['params'];
  /** Checked, with the path's defaults. */
  readonly query: Readonly<Record<string, unknown>>;
  /** FORMAT_… */
  readonly format: number;
}

/** What a path tells. */
export interface Feed {
  readonly counters: StreamCounters;
  bind(publisher: Publisher): void;
  /** Starts telling; the answer ends it. A refusal says why there is nothing to be told. */
  join(listener: Listener): (() => void) | Refusal;
  publish?(view: MarketView): void;
}

export interface TakashiStreamParts {
  readonly path: TakashiSocket;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
}

/**
 * One public WebSocket path, whose address says all that is asked for. A mistake in the query refuses
 * the upgrade; an exchange or a symbol that does not exist is told on the socket, which then closes.
 */
export class TakashiStream implements StreamEndpoint {
  readonly name: string;
  readonly path: string;
  readonly counters: StreamCounters;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  readonly publish?: (view: MarketView) => void;
  private readonly door: SocketDoor;
  private readonly feed: Feed;
  private readonly defaults: TakashiSocket['defaults'];
  private readonly readQuery: QueryReader;

  constructor({ path, feed, clock, connectionLimit }: TakashiStreamParts) {
    this.name = path.name;
    this.path = path.path;
    this.counters = feed.counters;
    this.clock = clock;
    this.connectionLimit = connectionLimit;
    this.door = new SocketDoor({ errorReply, clock, connectionLimit });
    this.feed = feed;
    this.defaults = path.defaults;
    this.readQuery = compileQueryReader(path.query);
    if (feed.publish !== undefined) this.publish = feed.publish.bind(feed);
  }

  bind(publisher: Publisher): void {
    this.feed.bind(publisher);
  }

  negotiate(request: StreamRequest): Negotiation {
    const refused = this.door.refused(request);
    if (refused !== undefined) return refused;
    const query = this.queryOf(request);
    if (!(query instanceof Refusal)) return this.door.format(request);
    const body = this.door.text(query);
    return { status: '422 Unprocessable Entity', code: query.code, body };
  }

  errorText(code: string, message: string): string {
    return this.door.errorText(code, message);
  }

  open(socket: StreamSocket, request: StreamRequest): StreamSession {
    const session = new TakashiSession(this, socket, request);
    const query = this.queryOf(request);
    const joined =
      query instanceof Refusal
        ? query
        : this.feed.join({ socket, params: request.params, query, format: formatOf(request) });
    if (joined instanceof Refusal) {
      session.refuse(joined);
      // Not before the caller knows of the session.
      setImmediate(() => socket.close(CLOSE_NOT_FOUND, joined.code.toLowerCase()));
    } else session.follow(joined);
    return session;
  }

  /** An error as this surface tells it. */
  refusalText(refusal: Refusal): string {
    return this.door.text(refusal);
  }

  private queryOf(request: StreamRequest): Readonly<Record<string, unknown>> | Refusal {
    const texts = parseQueryString(request.query);
    if (texts instanceof Refusal) return texts;
    const read = this.readQuery(texts);
    if ('refusal' in read) return read.refusal;
    return { ...this.defaults, ...(read.value as object) };
  }
}
