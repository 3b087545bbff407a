import { Refusal } from '../../gateway/http/refusal.ts';
import type { StreamRequest, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { JsonSession } from '../../gateway/streams/json-session.ts';
import type { TakashiStream } from './stream.ts';

/** One client of a path. All it may say is `ping`. */
export class TakashiSession extends JsonSession {
  private readonly stream: TakashiStream;
  private leave: (() => void) | undefined;

  constructor(stream: TakashiStream, socket: StreamSocket, request: StreamRequest) {
    super(stream, socket, request);
    this.stream = stream;
  }

  /** The client is told something. @param leave ends that */
  follow(leave: () => void): void {
    this.leave = leave;
    this.stream.counters.subscriptions += 1;
  }

  /** The documented error has a sentence and nothing else, so that says how long to wait. */
  override rateLimited(_message: string | Uint8Array, waitSeconds: number): void {
    const message = `too many messages; wait ${waitSeconds} s`;
    this.refuse(new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', message));
  }

  protected obey(body: unknown): Refusal | undefined {
    const { type, action } = (body ?? {}) as { type?: unknown; action?: unknown };
    if (type === 'ping' || action === 'ping') {
      this.pong();
      return undefined;
    }
    const message = 'the path says what is told; the one message understood is {"type":"ping"}';
    return new Refusal('invalid', 'INVALID_MESSAGE', message);
  }

  protected left(): void {
    if (this.leave === undefined) return;
    this.leave();
    this.stream.counters.subscriptions -= 1;
  }
}
