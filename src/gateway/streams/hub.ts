import type { TemplatedApp } from 'uWebSockets.js';
import { LIMITS } from '../../config/limits.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { Clients } from '../http/client-address.ts';
import { Backlogs } from './backlogs.ts';
import type { StreamCounters } from './counters.ts';
import type { Publisher, StreamEndpoint } from './endpoint.ts';
import { bindEndpoint, type UwsBinding } from './uws-binding.ts';

/** Into how many steps the way to a socket's bound is parted, for looking how far it has got. */
const BACKLOG_STEPS = 16;

export interface StreamHubOptions {
  readonly views: MarketViews;
  readonly clock: Clock;
  readonly endpoints: readonly StreamEndpoint[];
  /** Bytes one socket may leave unread; `LIMITS.socketBackpressureBytes` unless told. */
  readonly backpressureBytes?: number;
  /** How long a slow client may take to read its backlog before it is cut off. */
  readonly slowGraceMs?: number;
  /** Whose forwarded address is believed, and whether plain upgrades are. */
  readonly clients?: Clients;
  /** `off`: sockets may send as fast as they like. */
  readonly rateLimits?: 'on' | 'off';
  /** Of one socket, where its path names no rate; `LIMITS.webSocketMessagesPerSecond` unless told. */
  readonly messagesPerSecond?: number;
  /** Sees every view that has changed, before clients do. */
  readonly watch?: (view: MarketView) => void;
  /** Connections over all paths; `LIMITS.webSocketConnections` unless told. */
  readonly connectionsMax?: number;
}

/**
 * Joins the market views to the surfaces' WebSocket paths. The gateway applies every durable record
 * and publishes at the end of each drain:
 *
 * ```
 * hub.attach(app);
 * … views.apply(ring, at) for each durable frame …
 * hub.publish();
 * ```
 */
export class StreamHub {
  readonly views: MarketViews;
  private readonly clock: Clock;
  private readonly endpoints: readonly StreamEndpoint[];
  private readonly bindings: UwsBinding[] = [];
  private readonly backpressureBytes: number;
  private readonly backlogs: Backlogs;
  private readonly slowGraceMs: number;
  private readonly clients: Clients;
  private readonly limited: boolean;
  private readonly connectionsMax: number;
  private readonly watch: StreamHubOptions['watch'];
  private readonly messagesPerSecond: number;
  private apps: readonly TemplatedApp[] = [];

  constructor(options: StreamHubOptions) {
    this.views = options.views;
    this.views.clock = options.clock;
    this.clock = options.clock;
    this.endpoints = options.endpoints;
    this.watch = options.watch;
    this.backpressureBytes = options.backpressureBytes ?? LIMITS.socketBackpressureBytes;
    const stepBytes = Math.ceil(this.backpressureBytes / BACKLOG_STEPS);
    this.backlogs = new Backlogs(this.backpressureBytes, stepBytes);
    this.slowGraceMs = options.slowGraceMs ?? LIMITS.slowConsumerGraceMs;
    this.clients = options.clients ?? new Clients();
    this.limited = options.rateLimits !== 'off';
    this.messagesPerSecond = options.messagesPerSecond ?? LIMITS.webSocketMessagesPerSecond;
    this.connectionsMax = options.connectionsMax ?? LIMITS.webSocketConnections;
    for (const endpoint of this.endpoints) endpoint.bind(this.publisher());
  }

  /** Adds the WebSocket paths to an app; to be called before it listens. */
  attach(app: TemplatedApp): void {
    this.apps = [...this.apps, app];
    for (const endpoint of this.endpoints) {
      this.bindings.push(
        bindEndpoint(app, endpoint, {
          clock: this.clock,
          clients: this.clients,
          limited: this.limited,
          messagesPerSecond: endpoint.messagesPerSecond ?? this.messagesPerSecond,
          isFull: () => this.connections >= this.connectionsMax,
          backpressureBytesMax: this.backpressureBytes + LIMITS.socketOverrunBytes,
          backlogs: this.backlogs,
          slowGraceMs: this.slowGraceMs,
          // A client's message may arrive between two records of one drain where the gateway yields
          // within it: whatever is pending goes out first, so a snapshot never runs ahead.
          beforeHandling: () => this.publish(),
        }),
      );
    }
  }

  /** Publishes everything that changed since the last call, replies to clients first. */
  publish(): void {
    this.backlogs.look();
    for (const endpoint of this.endpoints) endpoint.flushReplies?.();
    const { dirty } = this.views;
    if (dirty.length === 0) return;
    this.views.settle();
    this.clock.tick();
    for (const view of dirty) {
      this.watch?.(view);
      for (const endpoint of this.endpoints) endpoint.publish?.(view);
    }
    this.views.clearChanges();
    for (const endpoint of this.endpoints) endpoint.published?.();
  }

  /** Counters by the endpoint's name. The objects are live. */
  get metrics(): ReadonlyMap<string, StreamCounters> {
    return new Map(this.endpoints.map((endpoint) => [endpoint.name, endpoint.counters]));
  }

  /** Open connections over all endpoints. */
  get connections(): number {
    return this.endpoints.reduce((sum, endpoint) => sum + endpoint.counters.connections, 0);
  }

  /** Bytes waiting for clients to read, over all connections; walks them all. */
  get queuedBytes(): number {
    return this.bindings.reduce((sum, binding) => sum + binding.queuedBytes(), 0);
  }

  /** Fans out over all apps: after a new certificate there is one more, with its own sockets. */
  private publisher(): Publisher {
    return {
      numSubscribers: (topic) => {
        let sum = 0;
        for (const app of this.apps) sum += app.numSubscribers(topic);
        return sum;
      },
      publish: (topic, message, binary) => {
        for (const app of this.apps) app.publish(topic, message, binary);
        this.backlogs.published(message.length);
      },
    };
  }

  /** Bytes of sent messages that are kept for clients which come back. */
  get historyBytes(): number {
    return this.endpoints.reduce((sum, endpoint) => sum + (endpoint.historyBytes ?? 0), 0);
  }

  /** Tells clients that their connections end after a while, where their path has a form for it. */
  announceShutdown(graceMs: number): void {
    for (const endpoint of this.endpoints) endpoint.announceShutdown?.(graceMs);
  }

  /** Ends every connection with a close code, e.g. 1001 when the server goes away. */
  closeAll(code: number, reason: string): void {
    for (const binding of this.bindings) binding.closeAll(code, reason);
  }
}
