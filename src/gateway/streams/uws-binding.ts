import type { HttpRequest, HttpResponse, TemplatedApp, WebSocketBehavior } from 'uWebSockets.js';
import { LIMITS } from '../../config/limits.ts';
import type { Clock } from '../../lib/clock.ts';
import { type Clients, limitKey } from '../http/client-address.ts';
import type { Backlogs } from './backlogs.ts';
import type { Negotiation, StreamEndpoint, StreamRequest } from './endpoint.ts';
import { MessageRate } from './message-rate.ts';
import { UwsSocket, type UwsUserData } from './uws-socket.ts';

export interface BindingOptions {
  readonly clock: Clock;
  readonly clients: Clients;
  /** False: sockets may send as fast as they like. */
  readonly limited: boolean;
  readonly messagesPerSecond: number;
  /** True while no connection may be added. */
  readonly isFull: () => boolean;
  /** Bytes that may wait on one socket whatever happens. */
  readonly backpressureBytesMax: number;
  readonly backlogs: Backlogs;
  readonly slowGraceMs: number;
  /** Called before a surface sees a new connection or a message. */
  readonly beforeHandling: () => void;
}

export interface UwsBinding {
  closeAll(code: number, reason: string): void;
  queuedBytes(): number;
}

/** A segment of a path that stands for a parameter. */
const PARAMETER = /\{(\w+)\}/g;

type Upgrade = NonNullable<WebSocketBehavior<UwsUserData>['upgrade']>;

/** Serves one endpoint on a uWebSockets.js app. */
export function bindEndpoint(
  app: TemplatedApp,
  endpoint: StreamEndpoint,
  options: BindingOptions,
): UwsBinding {
  const sockets = new Set<UwsSocket>();
  const { counters } = endpoint;
  app.ws<UwsUserData>(endpoint.path.replaceAll(PARAMETER, ':$1'), {
    maxPayloadLength: LIMITS.webSocketPayloadBytes,
    maxBackpressure: options.backpressureBytesMax,
    idleTimeout: LIMITS.webSocketIdleSeconds,
    sendPingsAutomatically: true,
    upgrade: upgradeHandler(endpoint, options),
    open: (ws) => {
      options.beforeHandling();
      const data = ws.getUserData();
      data.socket = new UwsSocket(ws, counters, options.backlogs, options.slowGraceMs);
      sockets.add(data.socket);
      counters.connections += 1;
      counters.opened += 1;
      data.session = endpoint.open(data.socket, data.request);
      data.socket.session = data.session;
    },
    message: (ws, message, isBinary) => {
      options.beforeHandling();
      const data = ws.getUserData();
      const { session } = data;
      const waitSeconds = overRate(data, options.clock);
      const content = isBinary ? new Uint8Array(message) : Buffer.from(message).toString('utf8');
      if (waitSeconds > 0) refuseMessage(data, content, waitSeconds);
      else if (typeof content === 'string') session?.message(content);
      else session?.binaryMessage(content);
    },
    // Answered natively; counted, because a flood of pings is a flood.
    ping: (ws) => {
      const data = ws.getUserData();
      if (overRate(data, options.clock) === Number.POSITIVE_INFINITY) closeForRate(data);
    },
    pong: (ws) => {
      const data = ws.getUserData();
      if (overRate(data, options.clock) === Number.POSITIVE_INFINITY) closeForRate(data);
    },
    dropped: (ws) => ws.getUserData().socket?.dropped(),
    drain: (ws) => {
      const { socket, session } = ws.getUserData();
      if (socket?.drained()) session?.drained();
    },
    close: (ws) => {
      const { socket, session } = ws.getUserData();
      if (socket === null) return;
      socket.closed();
      sockets.delete(socket);
      counters.connections -= 1;
      session?.closed();
    },
  });
  return {
    closeAll: (code, reason) => {
      for (const socket of [...sockets]) socket.close(code, reason);
    },
    queuedBytes: () => {
      let sum = 0;
      for (const socket of sockets) sum += socket.bufferedBytes;
      return sum;
    },
  };
}

function overRate({ rate }: UwsUserData, clock: Clock): number {
  return rate === undefined ? 0 : rate.take(clock.nowMs());
}

function refuseMessage(data: UwsUserData, content: string | Uint8Array, waitSeconds: number): void {
  if (waitSeconds === Number.POSITIVE_INFINITY) closeForRate(data);
  else data.session?.rateLimited(content, waitSeconds);
}

function closeForRate({ socket }: UwsUserData): void {
  socket?.endForRate();
}

function upgradeHandler(endpoint: StreamEndpoint, options: BindingOptions): Upgrade {
  const { clients, clock, limited, messagesPerSecond } = options;
  const names = [...endpoint.path.matchAll(PARAMETER)].map(([, name]) => name);
  return (res, req, context) => {
    const refusal = turnedAway(endpoint, options, res, req);
    const request = readRequest(req, names, clients.addressOf(res, req));
    const negotiation = refusal ?? endpoint.negotiate(request);
    if ('status' in negotiation) {
      endpoint.counters.refused += 1;
      endpoint.counters.refuse(negotiation.code);
      res.writeStatus(negotiation.status);
      res.writeHeader('Content-Type', 'application/json; charset=utf-8');
      res.writeHeader('X-Content-Type-Options', 'nosniff');
      res.end(negotiation.body);
      return;
    }
    const rate = limited ? new MessageRate(messagesPerSecond, clock.nowMs()) : undefined;
    res.upgrade<UwsUserData>(
      { request, rate, socket: null, session: null },
      req.getHeader('sec-websocket-key'),
      negotiation.subprotocol,
      req.getHeader('sec-websocket-extensions'),
      context,
    );
  };
}

/** Why an upgrade is refused whatever it asks for, or `undefined`. */
function turnedAway(
  endpoint: StreamEndpoint,
  { clients, isFull }: BindingOptions,
  res: HttpResponse,
  req: HttpRequest,
): Exclude<Negotiation, { subprotocol: string }> | undefined {
  const refuse = (status: string, code: string, message: string) => ({
    status,
    code,
    body: endpoint.errorText(code, message),
  });
  if (clients.mustUseTls(res, req)) {
    return refuse('403 Forbidden', 'TLS_REQUIRED', 'Plain WebSockets are refused; use wss.');
  }
  if ((req.getQuery() ?? '').length > LIMITS.requestUrlBytes) {
    return refuse('414 URI Too Long', 'URL_TOO_LONG', 'The query string is too long.');
  }
  if (!isFull()) return undefined;
  return refuse('503 Service Unavailable', 'TOO_MANY_CONNECTIONS', 'No connection is free.');
}

/** Copies what a surface may need: the request itself is gone when the handler returns. */
function readRequest(req: HttpRequest, names: readonly string[], address: string): StreamRequest {
  return {
    params: Object.fromEntries(names.map((name, i) => [name, decoded(req.getParameter(i) ?? '')])),
    query: req.getQuery() ?? '',
    subprotocols: req
      .getHeader('sec-websocket-protocol')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    authorization: req.getHeader('authorization'),
    apiKey: req.getHeader('x-api-key'),
    apiSecret: req.getHeader('x-api-secret'),
    acceptLanguage: req.getHeader('accept-language'),
    address,
    clientKey: limitKey(address),
  };
}

/** Text that is no percent encoding means itself. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
