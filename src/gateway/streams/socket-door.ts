import type { AddressList } from '../../lib/address-list.ts';
import type { Clock } from '../../lib/clock.ts';
import { Refusal, type RefusalKind } from '../http/refusal.ts';
import { RequestIds } from '../http/request-id.ts';
import type { Surface } from '../http/surface.ts';
import type { ConnectionLimit } from './connection-limit.ts';
import type { Negotiation, StreamRequest } from './endpoint.ts';
import { negotiateFormat } from './formats.ts';

export interface SocketDoorParts {
  /** How the surface tells an error. */
  readonly errorReply: Surface['errorReply'];
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly connectionLimit: ConnectionLimit;
  /** Where clients must come from; absent or empty: from anywhere. */
  readonly allowedAddresses?: AddressList;
}

/** What the gateway refuses before a surface sees it. */
const UPGRADE_REFUSALS: Readonly<Record<string, RefusalKind>> = {
  TLS_REQUIRED: 'forbidden',
  TOO_MANY_CONNECTIONS: 'unavailable',
  URL_TOO_LONG: 'uri_too_long',
};

/** Lets clients in to a surface's WebSocket paths; refusals have the form of the surface's errors. */
export class SocketDoor {
  private readonly parts: SocketDoorParts;
  private readonly requestIds = new RequestIds();

  constructor(parts: SocketDoorParts) {
    this.parts = parts;
  }

  /** Refuses or accepts an upgrade: by address, by the number of open sockets, by format. */
  negotiate(request: StreamRequest): Negotiation {
    return this.refused(request) ?? this.format(request);
  }

  /** The refusal of a client that may not come in at all; `undefined` when it may. */
  refused({ address, clientKey, acceptLanguage }: StreamRequest): Negotiation | undefined {
    const { allowedAddresses, connectionLimit } = this.parts;
    if (allowedAddresses?.empty === false && !allowedAddresses.includes(address)) {
      const message = 'Clients of this address are not served here.';
      const refusal = new Refusal('forbidden', 'ADDRESS_NOT_ALLOWED', message);
      const body = this.text(refusal, acceptLanguage);
      return { status: '403 Forbidden', code: refusal.code, body };
    }
    if (!connectionLimit.isReached(clientKey)) return undefined;
    const message = `at most ${connectionLimit.perAddressMax} WebSocket connections per IP`;
    const refusal = new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', message);
    const body = this.text(refusal, acceptLanguage);
    return { status: '429 Too Many Requests', code: refusal.code, body };
  }

  /** Accepts the upgrade, unless it asks for a format that there is none of. */
  format(request: StreamRequest): Negotiation {
    return negotiateFormat(request, (code, message) =>
      this.text(new Refusal('invalid', code, message), request.acceptLanguage),
    );
  }

  /** For what the gateway refuses by itself. */
  errorText(code: string, message: string): string {
    return this.text(new Refusal(UPGRADE_REFUSALS[code] ?? 'invalid', code, message));
  }

  /** An error as the surface tells it. */
  text(refusal: Refusal, acceptLanguage = ''): string {
    const { errorReply, clock } = this.parts;
    const requestId = this.requestIds.take('');
    const context = { requestId, atMs: clock.nowMs(), acceptLanguage };
    return JSON.stringify(errorReply(refusal, context).body);
  }
}
