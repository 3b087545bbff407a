import { ByteBuffer } from 'flatbuffers';
import WebSocket from 'ws';
import { Body } from '../../src/codec/generated/openbell/stream/body.ts';
import { Heartbeat } from '../../src/codec/generated/openbell/stream/heartbeat.ts';
import { Message } from '../../src/codec/generated/openbell/stream/message.ts';
import type { MarketRegistry } from '../../src/config/markets.ts';
import { type Market, marketName } from '../../src/domain/markets.ts';
import type { Prng } from '../../src/lib/prng.ts';
import { ClientOrdersBook, type QueuedOrder } from './orders-facts.ts';
import {
  ClientBook,
  factsOfBinary,
  factsOfJson,
  type LevelFacts,
  type MessageFacts,
} from './stream-facts.ts';

export type BookChannel = 'book' | 'orders_book';
export type BookRow = LevelFacts | QueuedOrder;
/** Bids and asks, best first. */
export type BookSides = readonly [readonly BookRow[], readonly BookRow[]];

export interface StreamBookOptions {
  /** `ws://…/ws/stream` */
  readonly url: string;
  readonly registry: MarketRegistry;
  /** All of them when absent. */
  readonly markets?: readonly Market[];
  readonly channel: BookChannel;
  readonly format: 'json' | 'flatbuffers';
  /** Decides how connections end and how long the client waits until it comes back. */
  readonly prng: Prng;
}

/** A book as it was after one message. */
export interface Recorded {
  readonly seq: number;
  readonly sides: BookSides;
}

/** One market as this client knows it. */
interface Followed {
  readonly market: Market;
  book: ClientBook | ClientOrdersBook;
  /** True until the snapshot that was announced has come. */
  awaitsSnapshot: boolean;
  recorded: Recorded[];
}

/** Where a subscription stands; `null` when nothing was sent of it yet. */
interface Place {
  readonly market: string;
  readonly seq: number | null;
}

/** The shortest that the server grants. */
const HEARTBEAT_MS = 1000;
const RECONNECT_MS_MAX = 300;
const RECORDED_MAX = 400;
const CLOSE_SLOW_CONSUMER = 4008;

/**
 * A client of `/ws/stream` as its documentation describes one: it follows the books of all markets
 * on one connection, continues after a loss from the last sequence it has, and starts anew only
 * where the server says that it must. Whatever the documentation does not allow is a fault: a
 * message that does not continue the one before, a checksum that disagrees, a snapshot that nobody
 * announced.
 */
export class StreamBookClient {
  readonly name: string;
  readonly faults: string[] = [];
  readonly counts = {
    messages: 0,
    snapshots: 0,
    heartbeats: 0,
    lastWords: 0,
    connects: 0,
    resumed: 0,
  };
  /** Resumes that the server could not serve: it said so and sent a snapshot. */
  notRecovered = 0;
  /** Connections the server ended because this client read too slowly. */
  slowCloses = 0;
  private readonly options: StreamBookOptions;
  private readonly markets = new Map<string, Followed>();
  private epoch = -1;
  private socket: WebSocket | undefined;
  private isRecording = false;
  private isClosed = false;

  constructor(options: StreamBookOptions) {
    this.options = options;
    this.name = `${options.channel}, ${options.format}`;
    for (const market of options.markets ?? options.registry.all) {
      const book = this.emptyBook(market);
      this.markets.set(marketName(market), { market, book, awaitsSnapshot: true, recorded: [] });
    }
  }

  /** Connects, and again whenever the connection ends, until `close`. */
  connect(): void {
    const { url, format } = this.options;
    const socket = new WebSocket(`${url}?format=${format}`);
    this.socket = socket;
    this.counts.connects += 1;
    socket.on('message', (data: Buffer, isBinary) => {
      if (this.socket !== socket) return;
      try {
        this.take(data, isBinary);
      } catch (error) {
        this.fault(error instanceof Error ? error.message : String(error));
        socket.terminate();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      if (code === CLOSE_SLOW_CONSUMER) this.slowCloses += 1;
      if (this.isClosed) return;
      setTimeout(() => this.connect(), this.options.prng.integer(0, RECONNECT_MS_MAX));
    });
  }

  /** Ends the connection, in order or as if the network had gone; what was not read is lost. */
  disconnect(): void {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (this.options.prng.chance(0.5)) socket.close(1000);
    else socket.terminate();
    // What is still in flight belongs to a connection that this client has given up.
    this.socket = undefined;
  }

  /** Reads nothing for so long. */
  async stall(milliseconds: number): Promise<void> {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    socket.resume();
  }

  close(): void {
    this.isClosed = true;
    this.socket?.terminate();
  }

  /** From now on keeps the books as they are after each of the newest messages. */
  record(): void {
    this.isRecording = true;
    for (const followed of this.markets.values()) {
      if (!followed.awaitsSnapshot) this.keep(followed);
    }
  }

  /** The first book recorded, `undefined` before it. */
  first(market: Market): Recorded | undefined {
    return this.followed(marketName(market)).recorded[0];
  }

  /**
   * A market's book as of a sequence that the engine named, once this client has got so far;
   * `undefined` while it has not, or no longer remembers.
   * @param isQuiet nothing more of that sequence or before is on its way
   */
  bookAt(market: Market, seq: number, isQuiet: boolean): BookSides | undefined {
    const { recorded, awaitsSnapshot } = this.followed(marketName(market));
    if (awaitsSnapshot) return undefined;
    const after = recorded.findIndex((each) => each.seq > seq);
    const at = after < 0 ? recorded.length - 1 : after - 1;
    if (at < 0) return undefined;
    if (after < 0 && recorded[at].seq !== seq && !isQuiet) return undefined;
    return recorded[at].sides;
  }

  private emptyBook(market: Market): ClientBook | ClientOrdersBook {
    return this.options.channel === 'book' ? new ClientBook(market) : new ClientOrdersBook(market);
  }

  private followed(name: string): Followed {
    const followed = this.markets.get(name);
    if (followed === undefined) throw new Error(`there is no market ${name}`);
    return followed;
  }

  private take(data: Buffer, isBinary: boolean): void {
    const { registry } = this.options;
    if (isBinary) {
      const message = Message.getRootAsMessage(new ByteBuffer(data));
      if (message.bodyType() === Body.Heartbeat) this.heartbeat(quietOf(message, registry));
      else this.apply(factsOfBinary(data, registry));
      return;
    }
    const text = data.toString('utf8');
    if (text.startsWith('{"channel"')) this.apply(factsOfJson(text, registry));
    else this.control(JSON.parse(text));
  }

  // biome-ignore lint/suspicious/noExplicitAny: control messages are whatever the server says
  private control(message: any): void {
    switch (message.type) {
      case 'welcome':
        if (message.epoch !== this.epoch) this.forget();
        this.epoch = message.epoch;
        this.send({ op: 'session.heartbeat', interval_ms: HEARTBEAT_MS });
        this.subscribe();
        return;
      case 'subscribed':
        this.subscribed(message);
        return;
      case 'heartbeat':
        this.heartbeat(message.quiet);
        return;
      case 'slow_consumer':
        this.lastWords(message.subscriptions);
        return;
      case 'error':
        this.fault(`refused: ${JSON.stringify(message)}`);
    }
  }

  /** Sequences of another epoch say nothing. */
  private forget(): void {
    for (const followed of this.markets.values()) {
      followed.book = this.emptyBook(followed.market);
      followed.awaitsSnapshot = true;
    }
  }

  private subscribe(): void {
    const { channel } = this.options;
    for (const [name, { book, awaitsSnapshot }] of this.markets) {
      const resume = awaitsSnapshot ? undefined : { epoch: this.epoch, seq: book.seq };
      this.send({ op: 'subscribe', id: name, channel, market: name, resume });
    }
  }

  private subscribed(message: {
    id: string;
    recovered?: boolean;
    markets: { market: string; seq: number }[];
  }): void {
    const followed = this.followed(message.id);
    if (message.recovered === undefined) {
      if (!followed.awaitsSnapshot) this.fault(`${message.id}: the resume was not answered`);
      return;
    }
    if (message.recovered) {
      this.counts.resumed += 1;
      const { seq } = message.markets[0];
      if (seq !== followed.book.seq) {
        this.fault(`${message.id}: resumed at ${seq}, asked for ${followed.book.seq}`);
      }
      return;
    }
    this.notRecovered += 1;
    followed.awaitsSnapshot = true;
  }

  /** Markets without a message since the last heartbeat, with the sequence that they are at. */
  private heartbeat(quiet: readonly Place[]): void {
    this.counts.heartbeats += 1;
    this.compare('the heartbeat', quiet);
  }

  /** The server ends a connection that was too slow: up to here nothing is missing. */
  private lastWords(subscriptions: readonly Place[]): void {
    this.counts.lastWords += 1;
    this.compare('the last word', subscriptions);
  }

  private compare(what: string, places: readonly Place[]): void {
    for (const { market, seq } of places) {
      const { book, awaitsSnapshot } = this.followed(market);
      if (awaitsSnapshot || seq === null || book.seq === seq) continue;
      this.fault(`${market}: ${what} says ${seq}, the last message was ${book.seq}`);
    }
  }

  private send(request: object): void {
    this.socket?.send(JSON.stringify(request));
  }

  private apply(facts: MessageFacts): void {
    const followed = this.followed(facts.market);
    const isSnapshot = facts.type.endsWith('snapshot');
    this.counts.messages += 1;
    if (isSnapshot) this.counts.snapshots += 1;
    if (isSnapshot !== followed.awaitsSnapshot) {
      throw new Error(`${facts.market}: ${facts.type} at ${facts.seq} came unannounced`);
    }
    try {
      followed.book.apply(facts);
    } catch (error) {
      followed.awaitsSnapshot = true;
      followed.book = this.emptyBook(followed.market);
      throw new Error(`${facts.market}: ${(error as Error).message}`);
    }
    followed.awaitsSnapshot = false;
    if (this.isRecording) this.keep(followed);
  }

  private keep({ book, recorded }: Followed): void {
    const rows = (side: number): readonly BookRow[] =>
      book instanceof ClientBook ? [...book.levels(side)] : [...book.queue(side)];
    recorded.push({ seq: book.seq, sides: [rows(0), rows(1)] });
    if (recorded.length > RECORDED_MAX) recorded.shift();
  }

  private fault(what: string): void {
    this.faults.push(`${this.name}: ${what}`);
  }
}

function quietOf(message: Message, registry: MarketRegistry): Place[] {
  const body: Heartbeat = message.body(new Heartbeat())!;
  return Array.from({ length: body.quietLength() }, (_, i) => {
    const place = body.quiet(i)!;
    const market = registry.get(Number(place.streamId()))!;
    return { market: marketName(market), seq: Number(place.seq()) };
  });
}
