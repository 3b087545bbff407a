import type { HttpRequest, TemplatedApp, WebSocketBehavior } from 'uWebSockets.js';
import { LIMITS } from '../../config/limits.ts';
import type { StreamEndpoint, StreamRequest } from './endpoint.ts';
import { UwsSocket, type UwsUserData } from './uws-socket.ts';

export interface BindingOptions {
  readonly backpressureBytes: number;
  readonly slowGraceMs: number;
  /** Called before a surface sees a new connection or a message. */
  readonly beforeHandling: () => void;
}

export interface UwsBinding {
  closeAll(code: number, reason: string): void;
  queuedBytes(): number;
}

type Upgrade = NonNullable<WebSocketBehavior<UwsUserData>['upgrade']>;

/** Serves one endpoint on a uWebSockets.js app. */
export function bindEndpoint(
  app: TemplatedApp,
  endpoint: StreamEndpoint,
  options: BindingOptions,
): UwsBinding {
  const sockets = new Set<UwsSocket>();
  const { counters } = endpoint;
  endpoint.bind({
    numSubscribers: (topic) => app.numSubscribers(topic),
    publish: (topic, message, binary) => {
      app.publish(topic, message, binary);
    },
  });
  app.ws<UwsUserData>(endpoint.path, {
    maxPayloadLength: LIMITS.webSocketPayloadBytes,
    maxBackpressure: options.backpressureBytes,
    idleTimeout: LIMITS.webSocketIdleSeconds,
    sendPingsAutomatically: true,
    upgrade: upgradeHandler(endpoint),
    open: (ws) => {
      options.beforeHandling();
      const data = ws.getUserData();
      data.socket = new UwsSocket(ws, counters, options.slowGraceMs);
      sockets.add(data.socket);
      counters.connections += 1;
      counters.opened += 1;
      data.session = endpoint.open(data.socket, data.request);
    },
    message: (ws, message, isBinary) => {
      options.beforeHandling();
      const { session } = ws.getUserData();
      if (isBinary) session?.binaryMessage();
      else session?.message(Buffer.from(message).toString('utf8'));
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

function upgradeHandler(endpoint: StreamEndpoint): Upgrade {
  return (res, req, context) => {
    const request = readRequest(req, Buffer.from(res.getRemoteAddressAsText()).toString());
    const negotiation = endpoint.negotiate(request);
    if ('status' in negotiation) {
      endpoint.counters.refused += 1;
      res.writeStatus(negotiation.status);
      res.writeHeader('Content-Type', 'application/json; charset=utf-8');
      res.end(negotiation.body);
      return;
    }
    res.upgrade<UwsUserData>(
      { request, socket: null, session: null },
      req.getHeader('sec-websocket-key'),
      negotiation.subprotocol,
      req.getHeader('sec-websocket-extensions'),
      context,
    );
  };
}

/** Copies what a surface may need: the request itself is gone when the handler returns. */
function readRequest(req: HttpRequest, address: string): StreamRequest {
  return {
    query: req.getQuery() ?? '',
    subprotocols: req
      .getHeader('sec-websocket-protocol')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    authorization: req.getHeader('authorization'),
    apiKey: req.getHeader('x-api-key'),
    apiSecret: req.getHeader('x-api-secret'),
    address,
  };
}
