import { AUCTION_TRADE_BYTES } from '../codec/records.ts';
import { assert } from '../lib/assert.ts';

/** An order's reply on the native stream, at most. */
const ORDER_REPLY_BYTES = 1024;

/** Every maximum of the system, in one place. Units last in the name. */
export const LIMITS = {
  /** One per market worker: gateway → worker. */
  commandRingBytes: 1 << 20,
  /** One per market worker: worker → journal and gateway (and a session's tap). */
  eventRingBytes: 1 << 23,
  /** One per in-process session (simulator, replay): session → gateway. */
  sessionRingBytes: 1 << 20,
  /** Venue facts: gateway → journal and gateway. */
  venueRingBytes: 1 << 20,
  /**
   * Work one group may contain: fills and what follows from them, cancellations. What is left of an
   * order then is cancelled, what is left of other work goes on in another group.
   */
  fillsPerCommand: 20_000,
  /** Resting orders one market may hold. */
  ordersPerMarket: 1 << 20,
  /** Orders that may wait outside one market's book: stops, children, pegged ones without a price. */
  waitingOrdersPerMarket: 1 << 17,
  /** Distinct price levels one market may hold. */
  levelsPerMarket: 1 << 18,
  /** Bytes of frames one journal transaction may hold. */
  journalBatchBytes: 1 << 20,
  openOrdersPerPortfolio: 10_000,
  /** Parts an iceberg order may show one after the other. */
  icebergParts: 10_000,
  /** Portfolios a user may have open. */
  portfoliosPerUser: 100,
  /** Recorded holdings of one portfolio. */
  holdingsPerPortfolio: 1000,
  /** Alerts a user may have, fired ones included. */
  alertsPerUser: 1000,
  /** Paid in from outside at once, smallest units of the asset … */
  paidInUnits: 2 ** 50,
  /** … and over all portfolios, so that their sum can be held exactly. */
  paidInUnitsTotal: 2 ** 52,
  /** Orders of users, newest first, that lists go back to; older ones are found by their id. */
  listedOrders: 4_194_304,
  /** Dead man's switches that may be set at once. */
  deadManSwitches: 100_000,
  /** Deployments of strategies that run at once, over all users. */
  strategyDeployments: 64,
  /** Analyses, forecasts, tests of strategies that wait for a thread … */
  jobsQueued: 32,
  /** … and of them, and of those that run, those of one user. */
  jobsPerUser: 8,
  /** How long a shutdown waits for jobs to notice that nobody wants them. */
  jobsCloseMs: 5_000,
  /** What strategies may keep in memory, all together. */
  strategyHeapMib: 256,
  /** Gateway → strategies' thread: what was denied before the book. */
  strategyDenialRingBytes: 1 << 17,
  /** Receivers of webhooks, of one owner and over all. */
  webhooksPerOwner: 20,
  webhooks: 5_000,
  /** Events that may wait for one receiver; further ones are dropped and counted. */
  webhookDeliveriesWaiting: 200,
  /** Orders linked with each other, directly or by others. */
  linkedOrders: 64,
  requestBodyBytes: 64 * 1024,
  /** Path and query. Above it 414; all headers together are bounded by uWebSockets.js, 4 KiB. */
  requestUrlBytes: 2048,
  /** From the head of a request to the last byte of its body. */
  requestBodyMs: 8_000,
  /** Objects and arrays within each other in a client's JSON. */
  jsonDepth: 16,
  /** Elements of one array, or members of one object, in a client's JSON. */
  jsonElements: 1000,
  /** Keys (credentials, addresses) each rate limit remembers; two generations may be full. */
  rateLimitKeysPerGeneration: 10_000,
  webSocketPayloadBytes: 64 * 1024,
  /** Bytes waiting on one socket from which on it is slow: it gets no more, and is to be closed. */
  socketBackpressureBytes: 1 << 20,
  /** What may come on top of that in one moment, before it is noticed; beyond, messages are lost. */
  socketOverrunBytes: 1 << 22,
  /** How long a client past that bound may take to read its backlog before it is cut off. */
  slowConsumerGraceMs: 10_000,
  /** A connection on which nothing was heard for so long is closed; pings go out well before. */
  webSocketIdleSeconds: 60,
  webSocketConnectionsPerIp: 10,
  /** The same on the native stream and on `/ws/market`, which no document limits. */
  streamConnectionsPerIp: 100,
  /** Open sockets over all paths. */
  webSocketConnections: 20_000,
  /** Messages one socket may send per second, where its surface names no rate of its own. */
  webSocketMessagesPerSecond: 50,
  /** Failed authentications over sockets per client address and minute. */
  webSocketLoginFailuresPerMinute: 5,
  /** Channel × market pairs one socket of the native stream may hold. */
  streamSubscriptionsPerSocket: 2000,
  /** Orders and cancels one socket of the native stream may have under way. */
  streamOrdersUnderWay: 1024,
  /** Levels of each side in a book snapshot for which the client named no depth. */
  snapshotLevels: 20_000,
  bookDepthLevels: 1000,
  /** Orders of each side in an order-by-order snapshot. */
  snapshotOrders: 20_000,
  /** Bars a candle subscription may start from. */
  snapshotCandles: 1_000,
  /** Bytes of sent messages kept per topic, for clients that come back. */
  streamHistoryBytes: 1 << 19,
  /** How long after its last subscriber left a topic's history is kept. */
  streamHistoryIdleMs: 60_000,
  /** Bytes waiting on a socket from which on its conflatable channels get the newest state only. */
  socketConflationBytes: 1 << 18,
  /** Bytes waiting below which it is served in full again. */
  socketConflationEndBytes: 1 << 15,
  /** Bytes that may be published between two looks at how much waits on conflatable sockets. */
  socketConflationStepBytes: 1 << 17,
  /** What a client of the native stream may choose as the interval of its heartbeats. */
  heartbeatMsMin: 1_000,
  heartbeatMs: 15_000,
  heartbeatMsMax: 60_000,
  /** Quiet subscriptions one heartbeat may list; the next ones go on. */
  heartbeatSubscriptions: 200,
  /** Between the notice that the server goes away and the end of its connections. */
  shutdownGraceMs: 1_000,
  /** When clients are told to come back after that, at the earliest and at the latest. */
  reconnectMsMin: 1_000,
  reconnectMsMax: 10_000,
} as const;

/** Checks the relations between the limits; called once at start. */
export function assertLimits(): void {
  assert(
    LIMITS.fillsPerCommand * AUCTION_TRADE_BYTES * 2 <= LIMITS.eventRingBytes,
    'one group may fill at most half of the event ring',
  );
  assert(LIMITS.commandRingBytes <= LIMITS.eventRingBytes, 'an event is larger than its command');
  assert(
    LIMITS.streamOrdersUnderWay * ORDER_REPLY_BYTES <= LIMITS.socketBackpressureBytes,
    'the replies to all orders under way fit a socket’s backlog',
  );
  assert(
    LIMITS.requestBodyBytes === LIMITS.webSocketPayloadBytes,
    'a request is bounded alike over HTTP and over a socket',
  );
  assert(
    LIMITS.socketConflationBytes + 2 * LIMITS.socketConflationStepBytes <=
      LIMITS.socketBackpressureBytes,
    'a slow socket is conflated before it is closed',
  );
  assert(
    LIMITS.socketConflationEndBytes < LIMITS.socketConflationBytes,
    'conflation ends below where it begins',
  );
  assert(LIMITS.requestBodyMs < 10_000, 'we answer before uWebSockets.js cuts a slow body off');
  assert(LIMITS.levelsPerMarket <= LIMITS.ordersPerMarket, 'a level holds at least one order');
}
