import { parseMessageText } from '../../gateway/http/client-json.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import type { StreamSession, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { isoMillis } from '../../lib/clock.ts';
import { JsonFault } from '../../lib/strict-json.ts';
import type { TakashiStream } from './stream.ts';

/** One client of a path. All it may say is `ping`. */
export class TakashiSession implements StreamSession {
  private readonly stream: TakashiStream;
  private readonly socket: StreamSocket;
  private readonly clientKey: string;
  private leave: (() => void) | undefined;

  constructor(stream: TakashiStream, socket: StreamSocket, clientKey: string) {
    this.stream = stream;
    this.socket = socket;
    this.clientKey = clientKey;
    stream.connectionLimit.opened(clientKey);
  }

  /** The client is told something. @param leave ends that */
  follow(leave: () => void): void {
    this.leave = leave;
    this.stream.counters.subscriptions += 1;
  }

  message(text: string): void {
    const parsed = parseMessageText(text);
    if (parsed instanceof JsonFault) {
      this.refuse(new Refusal('malformed', 'INVALID_JSON', `The message ${parsed.message}`));
      return;
    }
    const { type, action } = (parsed.value ?? {}) as { type?: unknown; action?: unknown };
    if (type !== 'ping' && action !== 'ping') {
      const message = 'the path says what is told; the one message understood is {"type":"ping"}';
      this.refuse(new Refusal('invalid', 'INVALID_MESSAGE', message));
      return;
    }
    const { clock } = this.stream;
    clock.tick();
    const timestamp = isoMillis(clock.seconds, clock.nanos);
    this.socket.send(JSON.stringify({ type: 'pong', timestamp }));
  }

  rateLimited(_message: string | Uint8Array, waitSeconds: number): void {
    const message = `too many messages; wait ${waitSeconds} s`;
    this.refuse(new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', message));
  }

  binaryMessage(): void {
    this.refuse(new Refusal('invalid', 'INVALID_MESSAGE', 'messages are JSON in text frames'));
  }

  drained(): void {}

  closed(): void {
    this.stream.connectionLimit.closed(this.clientKey);
    if (this.leave === undefined) return;
    this.leave();
    this.stream.counters.subscriptions -= 1;
  }

  refuse(refusal: Refusal): void {
    this.stream.refuse(this.socket, refusal);
  }
}
