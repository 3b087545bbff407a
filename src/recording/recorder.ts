import WebSocket from 'ws';
import { CLOSE_ENDED } from '../gateway/streams/close-codes.ts';
import {
  KIND_BINARY,
  KIND_END,
  KIND_GAP,
  KIND_HEADER,
  KIND_SESSION,
  KIND_TEXT,
  type RecordedSubscription,
  type RecordingHeader,
} from './format.ts';
import { RecordedSubscriptions } from './recorded-subscriptions.ts';
import type { RecordingWriter } from './writer.ts';

const SUBPROTOCOLS = { json: 'openbell.json.v1', flatbuffers: 'openbell.fb.v1' } as const;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;
/** The server pings well within a minute; a connection that is silent for longer is dead. */
const SILENCE_MS = 90_000;
const FLUSH_MS = 1_000;
/** Time for the server's close frame before the connection is cut. */
const CLOSE_MS = 2_000;

export interface RecorderOptions {
  /** `ws://host:port/ws/stream` */
  readonly url: string;
  readonly format: keyof typeof SUBPROTOCOLS;
  readonly subscriptions: readonly RecordedSubscription[];
  /** Access token, for private channels. */
  readonly token: string | undefined;
  readonly writer: RecordingWriter;
  /** Name and version for the header. */
  readonly recorder: string;
}

/** The server refused a subscription, or the first connection could not be made. */
export class RecordingFailed extends Error {}

/**
 * Records what a subscriber sees. A connection that is lost is made again, and the recording says that
 * there was a gap; where the server kept what was missed, the subscriptions go on from there.
 */
export class Recorder {
  messages = 0;
  gaps = 0;
  /** Connections on which every subscription was acknowledged. */
  sessions = 0;
  private readonly options: RecorderOptions;
  private readonly subscriptions: RecordedSubscriptions;
  private readonly wallNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  private socket: WebSocket | undefined;
  private stopping = false;
  private wake: (() => void) | undefined;
  private failure: Error | undefined;

  constructor(options: RecorderOptions) {
    this.options = options;
    this.subscriptions = new RecordedSubscriptions(options.subscriptions);
  }

  /** Records until `stop`; the file is whole when it resolves. Throws `RecordingFailed`. */
  async run(): Promise<void> {
    const { writer } = this.options;
    writer.writeJson(KIND_HEADER, this.nowNs(), this.header());
    const flushing = setInterval(() => writer.flush(), FLUSH_MS);
    try {
      await this.record();
      const { messages, gaps } = this;
      writer.writeJson(KIND_END, this.nowNs(), { messages, gaps, bytes: writer.bytes });
    } finally {
      clearInterval(flushing);
      await writer.close();
    }
  }

  /** Ends the recording; `run` then resolves. */
  stop(): void {
    this.stopping = true;
    const { socket } = this;
    this.wake?.();
    if (socket === undefined) return;
    socket.close(CLOSE_ENDED);
    setTimeout(() => socket.terminate(), CLOSE_MS).unref();
  }

  private async record(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.stopping) {
      const { code, reason, reached } = await this.connection();
      if (this.failure !== undefined) throw this.failure;
      if (this.stopping) return;
      if (!reached && this.sessions === 0) {
        throw new RecordingFailed(`no recording from ${this.shownUrl()}: ${reason || code}`);
      }
      if (reached) {
        retryMs = FIRST_RETRY_MS;
        this.gaps += 1;
        this.options.writer.writeJson(KIND_GAP, this.nowNs(), { code, reason });
      }
      await this.pause(retryMs);
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
    }
  }

  /** One connection, from its beginning to its end. `reached`: every subscription was acknowledged. */
  private connection(): Promise<{ code: number; reason: string; reached: boolean }> {
    const { url, format, token } = this.options;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, [SUBPROTOCOLS[format]], {
      headers,
      perMessageDeflate: false,
    });
    this.socket = socket;
    let heardMs = performance.now();
    let error = '';
    let reached = false;
    const watch = setInterval(() => {
      if (performance.now() - heardMs > SILENCE_MS) socket.terminate();
    }, SILENCE_MS / 9);
    this.subscriptions.begin({
      send: (request) => socket.send(JSON.stringify(request)),
      reached: (session) => {
        reached = true;
        this.sessions += 1;
        this.options.writer.writeJson(KIND_SESSION, this.nowNs(), session);
      },
      failed: (message) => {
        this.failure = new RecordingFailed(message);
        socket.close(CLOSE_ENDED);
      },
    });
    socket.on('ping', () => {
      heardMs = performance.now();
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      heardMs = performance.now();
      this.keep(socket, data, isBinary);
    });
    socket.on('error', ({ message }) => {
      error = message;
    });
    return new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        clearInterval(watch);
        this.subscriptions.end();
        resolve({ code, reason: reason.toString() || error, reached });
      });
    });
  }

  private keep(socket: WebSocket, data: Buffer, isBinary: boolean): void {
    const { writer } = this.options;
    try {
      this.messages += 1;
      const hasRoom = writer.write(isBinary ? KIND_BINARY : KIND_TEXT, this.nowNs(), data);
      this.subscriptions.take(data, isBinary);
      if (hasRoom || socket.isPaused) return;
      // The disk is slower than the stream: the server's bound on what waits decides from here on.
      socket.pause();
      writer.drained(() => socket.resume());
    } catch (error) {
      this.failure = error as Error;
      socket.terminate();
    }
  }

  private header(): RecordingHeader {
    const { format, subscriptions, recorder } = this.options;
    return {
      format: 'openbell.recording',
      version: 1,
      url: this.shownUrl(),
      message_format: format,
      subscriptions,
      recorder,
      created_at: new Date().toISOString(),
    };
  }

  /** A token in the query or credentials before the host are nobody else's business. */
  private shownUrl(): string {
    const url = new URL(this.options.url);
    return `${url.protocol}//${url.host}${url.pathname}`;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Wall time at the start plus what has passed since: it never goes back. */
  private nowNs(): bigint {
    return this.wallNs + process.hrtime.bigint();
  }
}
