import { LIMITS } from '../../config/limits.ts';
import type { StreamSession, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { isBinaryFormat } from '../../gateway/streams/formats.ts';
import { CredentialWatch } from '../../gateway/streams/socket-credentials.ts';
import type { Credentials, Principal } from '../../identity/principal.ts';
import { isoMicros } from '../../lib/clock.ts';
import { binaryRequestId, readBinaryRequest } from './binary-requests.ts';
import { Fields } from './fields.ts';
import { ConnectionHeartbeat } from './heartbeat.ts';
import { LastWords } from './last-words.ts';
import { MarketSubscriptions } from './market-subscriptions.ts';
import { marketToWire } from './market-wire.ts';
import { type OrderClient, OrderEntry, type Replies } from './order-entry.ts';
import { PRIVATE_CHANNELS } from './private/private-channels.ts';
import { PrivateSubscriptions } from './private/private-subscriptions.ts';
import { type Envelope, parseEnvelope, StreamRequestError } from './requests.ts';
import { type Drain, type SessionEvent, SessionFacts } from './session-facts.ts';
import type { NativeStream } from './stream.ts';
import { checkFields, parseMarketRequest } from './subscribe-request.ts';

const SESSION = 'session';

/**
 * One client of `/ws/stream`. Control messages are JSON in both formats; what a channel sends, and
 * heartbeats, have the format of the connection.
 */
export class NativeSession implements StreamSession {
  readonly heartbeat: ConnectionHeartbeat;
  private readonly stream: NativeStream;
  private readonly socket: StreamSocket;
  private readonly isBinary: boolean;
  private readonly markets: MarketSubscriptions;
  private readonly reports: PrivateSubscriptions;
  private readonly facts: SessionFacts;
  private readonly words: LastWords;
  private readonly orders: OrderEntry;
  private readonly watch: CredentialWatch;
  private readonly clientKey: string;
  private principal: Principal | undefined;
  /** Replies to orders, which go out together at the end of a drain. */
  private replies: (string | Uint8Array)[] = [];

  /** @param client who holds the connection */
  constructor(stream: NativeStream, socket: StreamSocket, format: number, client: OrderClient) {
    this.stream = stream;
    this.socket = socket;
    this.isBinary = isBinaryFormat(format);
    this.markets = new MarketSubscriptions(stream, socket, format);
    this.reports = new PrivateSubscriptions(stream, socket, format);
    this.facts = new SessionFacts(stream);
    this.words = new LastWords(this.markets, this.reports);
    this.heartbeat = new ConnectionHeartbeat(stream, this.markets, this.reports);
    this.watch = new CredentialWatch(stream.clock);
    this.clientKey = client.clientKey;
    stream.connectionLimit.opened(client.clientKey);
    const { replyWriter } = stream;
    const replies: Replies = {
      order: (id, answer) => this.reply(replyWriter.order(id, answer)),
      cancelledAll: (id, cancelled) => this.reply(replyWriter.cancelledAll(id, cancelled)),
      answer: (message) => this.reply(JSON.stringify(message)),
      refuse: (error) => this.reply(this.refusal(error)),
    };
    this.orders = new OrderEntry(stream, replies, client, (principal) => this.loggedIn(principal));
  }

  /** Logs in with what the client sent along when it asked for the connection. */
  login(credentials: Credentials): void {
    this.attempt(() => this.orders.login(null, credentials));
  }

  message(text: string): void {
    this.attempt(() => {
      const envelope = parseEnvelope(text);
      if (!this.orders.takes(envelope.op)) return this.handle(envelope);
      this.orders.handle(envelope);
      if (envelope.op === 'session.cancel_on_disconnect') this.tell('cancel_on_disconnect', null);
    });
  }

  /** Refused with the request's id where it has one, so that its sender knows which it was. */
  rateLimited(message: string | Uint8Array, waitSeconds: number): void {
    this.attempt(() => {
      const id = typeof message === 'string' ? parseEnvelope(message).id : binaryRequestId(message);
      throw new StreamRequestError(id, 'RATE_LIMIT_EXCEEDED', 'too many messages', {
        retry_after_seconds: waitSeconds,
      });
    });
  }

  /** An order request in FlatBuffers; everything else is JSON in either format. */
  binaryMessage(bytes: Uint8Array): void {
    this.attempt(() => {
      if (this.isBinary) return this.orders.handle(readBinaryRequest(bytes));
      const message = 'this connection speaks JSON: requests are text frames';
      throw new StreamRequestError(null, 'INVALID_REQUEST', message);
    });
  }

  drained(): void {
    this.markets.drained();
  }

  leavesTopics(): void {
    this.words.left();
    this.markets.left();
  }

  lastWords(): string {
    return this.words.text();
  }

  /** Sends the replies that were kept back. */
  flush(): void {
    if (this.replies.length === 0) return;
    this.socket.sendAll(this.replies);
    this.replies = [];
  }

  /** Sends a heartbeat; a client that has enough to read gets none. */
  beat(): void {
    if (this.socket.bufferedBytes > LIMITS.socketConflationBytes) return;
    this.socket.send(this.isBinary ? this.heartbeat.binary() : this.heartbeat.json());
  }

  /** The server is about to close the connection. */
  announceShutdown(drain: Drain): void {
    const { clock } = this.stream;
    this.answer({
      type: 'server_shutdown',
      grace_ms: drain.graceMs,
      reconnect_after_ms: drain.reconnectAfterMs,
      sent_time: isoMicros(clock.seconds, clock.nanos),
    });
    this.tell('draining', null, drain);
  }

  closed(): void {
    this.orders.closed();
    this.watch.stop();
    this.stream.connectionLimit.closed(this.clientKey);
    this.stream.forget(this);
    this.markets.closed();
    this.reports.end();
  }

  private loggedIn(principal: Principal): void {
    if (this.principal !== undefined && this.principal.userId !== principal.userId) {
      this.reports.end();
    }
    this.principal = principal;
    this.watch.watch(principal, () => this.loggedOff());
    this.tell('logon', null);
  }

  /** The credential is over: what it gave the right to hear ends with it. */
  private loggedOff(): void {
    const expiresAtMs = this.principal?.expiresAtMs ?? Number.POSITIVE_INFINITY;
    const isExpired = this.stream.clock.nowMs() >= expiresAtMs;
    this.reports.end();
    this.principal = undefined;
    this.tell('logoff', isExpired ? 'expired' : 'revoked');
  }

  private tell(event: SessionEvent, reason: string | null, drain?: Drain): void {
    if (!this.facts.isSubscribed) return;
    const { principal } = this;
    const state = {
      principal,
      portfolioId: principal && this.stream.venue.defaultPortfolioId(principal.userId),
      cancelOnDisconnect: this.orders.cancelsOnDisconnect,
      heartbeatMs: this.heartbeat.intervalMs,
    };
    const write = this.isBinary ? 'binary' : 'json';
    // Behind the answer to what has set it off. What the binary form gives is reused.
    const message = this.facts[write](event, state, reason, drain);
    this.reply(typeof message === 'string' ? message : message.slice());
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof StreamRequestError)) throw error;
      this.refuse(error);
    }
    // What is answered at once does not wait for the end of a drain.
    this.flush();
  }

  private handle(request: Envelope): void {
    const { id } = request;
    switch (request.op) {
      case 'subscribe':
      case 'unsubscribe':
        this.channel(request);
        return;
      case 'session.heartbeat': {
        const { heartbeatMsMin, heartbeatMsMax } = LIMITS;
        const fields = new Fields(id, request.body);
        this.heartbeat.setInterval(fields.whole('interval_ms', heartbeatMsMin, heartbeatMsMax));
        const { intervalMs } = this.heartbeat;
        this.answer({ type: 'heartbeat_interval', id, interval_ms: intervalMs });
        this.tell('heartbeat', null);
        return;
      }
      case 'ping': {
        const { clock } = this.stream;
        clock.tick();
        this.answer({ type: 'pong', id, time: isoMicros(clock.seconds, clock.nanos) });
        return;
      }
      case 'markets':
        this.answer({ type: 'markets', id, markets: this.stream.markets.all.map(marketToWire) });
    }
  }

  private channel(request: Envelope): void {
    const { id, op, body } = request;
    const acknowledge = (message: object): void => this.answer(message);
    if (body.channel === SESSION) return this.sessionChannel(request);
    if (this.reports.takes(body.channel)) {
      this.reports.handle(request, this.orders.principal(id, 'read'), acknowledge);
      return;
    }
    const channel = this.stream.channel(body.channel);
    if (channel === undefined) {
      const names = [...this.stream.channels, ...PRIVATE_CHANNELS].map(({ name }) => name);
      const message = `"channel" is one of ${[...names, SESSION].join(', ')}`;
      throw new StreamRequestError(id, 'UNKNOWN_CHANNEL', message);
    }
    const asked = parseMarketRequest(request, channel, this.stream.markets);
    if (op === 'subscribe') return this.markets.subscribe(asked, acknowledge);
    const left = this.markets.unsubscribe(asked);
    if (left.length === 0) {
      const message = `there is no subscription to ${channel.name} of that market`;
      throw new StreamRequestError(id, 'NOT_SUBSCRIBED', message);
    }
    this.answer({ type: 'unsubscribed', id, channel: channel.name, markets: left });
  }

  private sessionChannel(request: Envelope): void {
    const { id, op } = request;
    const { facts } = this;
    checkFields(request, []);
    if (op === 'unsubscribe') {
      if (!facts.isSubscribed) {
        const message = 'there is no subscription to the session';
        throw new StreamRequestError(id, 'NOT_SUBSCRIBED', message);
      }
      facts.isSubscribed = false;
      this.answer({ type: 'unsubscribed', id, channel: SESSION });
      return;
    }
    facts.isSubscribed = true;
    this.answer({ type: 'subscribed', id, channel: SESSION, seq: facts.seq });
    this.tell('state', null);
  }

  private answer(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  private reply(message: string | Uint8Array): void {
    if (this.replies.length === 0) this.stream.remember(this);
    this.replies.push(message);
  }

  private refuse(error: StreamRequestError): void {
    this.socket.send(this.refusal(error));
  }

  private refusal(error: StreamRequestError): string | Uint8Array {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse(error.code);
    return this.stream.replyWriter.error(error);
  }
}
