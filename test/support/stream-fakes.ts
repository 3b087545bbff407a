import type {
  Publisher,
  StreamRequest,
  StreamSession,
  StreamSocket,
} from '../../src/gateway/streams/endpoint.ts';
import { AuthFailure } from '../../src/identity/principal.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { InstantVenue } from './instant-venue.ts';

/** A clock that moves one microsecond per tick. */
export class StepClock implements Clock {
  seconds = 1_800_000_000;
  nanos = 0;

  tick(): void {
    this.nanos += 1000;
    if (this.nanos === 1_000_000_000) {
      this.seconds += 1;
      this.nanos = 0;
    }
  }

  nowMs(): number {
    return this.seconds * 1000 + this.nanos / 1_000_000;
  }
}

/** For tests of market data: nobody can log in. */
export const NO_ORDERS = {
  venue: new InstantVenue(),
  authenticate: () => new AuthFailure('INVALID_CREDENTIALS', 'nobody logs in here'),
};

export const PLAIN_REQUEST: StreamRequest = {
  params: {},
  query: '',
  subprotocols: [],
  authorization: '',
  apiKey: '',
  apiSecret: '',
  acceptLanguage: '',
  address: '127.0.0.1',
  clientKey: '127.0.0.1',
};

/** Delivers topics to fake sockets in memory, in the order of publication. */
export class FakeHub implements Publisher {
  readonly sockets: FakeSocket[] = [];

  numSubscribers(topic: string): number {
    return this.sockets.filter((socket) => socket.topics.has(topic)).length;
  }

  publish(topic: string, message: Uint8Array, binary: boolean): void {
    for (const socket of this.sockets) {
      if (!socket.topics.has(topic)) continue;
      // Encoders reuse their memory, so a receiver that keeps a message keeps a copy.
      socket.received.push(binary ? message.slice() : Buffer.from(message).toString());
    }
  }

  socket(): FakeSocket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }
}

export class FakeSocket implements StreamSocket {
  readonly topics = new Set<string>();
  /** Text frames as strings, binary ones as bytes. */
  readonly received: (string | Uint8Array)[] = [];
  closedWith: { code: number; reason: string } | null = null;
  bufferedBytes = 0;
  session: StreamSession | undefined;

  send(message: string | Uint8Array): boolean {
    this.received.push(typeof message === 'string' ? message : message.slice());
    return true;
  }

  sendText(bytes: Uint8Array): boolean {
    this.received.push(Buffer.from(bytes).toString());
    return true;
  }

  sendAll(messages: readonly (string | Uint8Array)[]): void {
    this.received.push(...messages);
  }

  subscribe(topic: string): void {
    this.topics.add(topic);
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic);
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
    this.topics.clear();
  }

  /** Sends a request to the session and returns the frames that it answered with. */
  ask(message: unknown): (string | Uint8Array)[] {
    const before = this.received.length;
    this.session!.message(typeof message === 'string' ? message : JSON.stringify(message));
    return this.received.slice(before);
  }

  /** The same where the first frame is the JSON answer. */
  // biome-ignore lint/suspicious/noExplicitAny: answers differ, and the tests say what they expect
  answer(message: unknown): any {
    return JSON.parse(this.ask(message)[0] as string);
  }
}
