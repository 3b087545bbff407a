import { App, type us_listen_socket, us_listen_socket_close } from 'uWebSockets.js';
import { LIMITS } from '../config/limits.ts';
import { listen } from '../gateway/listen.ts';
import { CLOSE_ENDED, CLOSE_RESTART } from '../gateway/streams/close-codes.ts';
import { StreamHub } from '../gateway/streams/hub.ts';
import { SystemClock } from '../lib/clock.ts';
import { MarketViews } from '../projections/market-view.ts';
import { type Contents, readContents } from './contents.ts';
import { MACHINE_CLOCK, Player, type PlayerClock, type Stage } from './player.ts';
import { RecordingReader } from './reader.ts';
import { RecordedStream } from './recorded-stream.ts';

/** A client that has begun to subscribe gets this long to ask for everything it wants. */
const SUBSCRIBE_MS = 100;
const LOOK_MS = 5;

export interface ServeOptions {
  readonly path: string;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Times the recorded speed; `Infinity` for as fast as clients read. */
  readonly speed: number;
  /** Begin again at the end, until `stop`. */
  readonly loop: boolean;
  /** Wait for the first subscription before the first message. */
  readonly wait: boolean;
  readonly clock?: PlayerClock;
}

/** How a playback went. */
export interface PlaybackReport {
  readonly passes: number;
  readonly messages: number;
  /** Of messages that had a moment: microseconds between it and when they went out. */
  readonly lagMicros: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  /** What the recording ends with in place of a frame. */
  readonly damage: string | undefined;
  /** Book messages whose checksum did not agree with the book rebuilt from the recording. */
  readonly faults: number;
  readonly slowCloses: number;
}

/** Serves a recording on `/ws/stream`. */
export class RecordingServer {
  readonly contents: Contents;
  /** `ws://HOST:PORT/ws/stream`, once it listens. */
  readonly url: string;
  private readonly options: ServeOptions;
  private readonly stream: RecordedStream;
  private readonly hub: StreamHub;
  private readonly socket: us_listen_socket;
  private player: Player | undefined;
  private stopped = false;

  static async start(options: ServeOptions): Promise<RecordingServer> {
    const contents = await readContents(new RecordingReader(options.path));
    const clock = new SystemClock();
    const stream = new RecordedStream(contents, clock);
    const hub = new StreamHub({ views: new MarketViews([]), clock, endpoints: [stream] });
    const app = App();
    hub.attach(app);
    const { socket, authority } = await listen(app, options.host, options.port);
    return new RecordingServer(options, contents, stream, hub, socket, authority);
  }

  private constructor(
    options: ServeOptions,
    contents: Contents,
    stream: RecordedStream,
    hub: StreamHub,
    socket: us_listen_socket,
    authority: string,
  ) {
    this.options = options;
    this.contents = contents;
    this.stream = stream;
    this.hub = hub;
    this.socket = socket;
    this.url = `ws://${authority}${stream.path}`;
  }

  /** Plays to the end, or in a loop until `stop`; then every connection has been closed. */
  async play(): Promise<PlaybackReport> {
    const { path, speed, loop, clock = MACHINE_CLOCK } = this.options;
    const reader = new RecordingReader(path);
    const player = new Player(speed, clock, this.stage());
    this.player = player;
    let passes = 0;
    do {
      if (passes > 0) await this.again();
      await this.firstSubscription();
      if (this.stopped) break;
      await player.play(reader.frames());
      passes += 1;
    } while (loop && !this.stopped);
    await this.end();
    const { lagMicros, messages } = player;
    const timed = lagMicros.totalCount > 0;
    return {
      passes,
      messages,
      lagMicros: timed
        ? {
            p50: lagMicros.getValueAtPercentile(50),
            p99: lagMicros.getValueAtPercentile(99),
            max: lagMicros.maxValue,
          }
        : null,
      damage: reader.damage,
      faults: this.stream.faults,
      slowCloses: this.stream.counters.slowCloses,
    };
  }

  /** Ends the playback; `play` then resolves. */
  stop(): void {
    this.stopped = true;
    this.player?.stop();
  }

  private stage(): Stage {
    const { stream, hub } = this;
    return {
      relay: (message) => stream.relay(message),
      welcomed: (epoch) => {
        if (epoch === stream.currentEpoch) return;
        // Sequences of two epochs cannot be compared: clients begin anew, as with the server.
        hub.closeAll(CLOSE_RESTART, 'epoch_changed');
        stream.restart(epoch);
      },
      readOn: async () => {
        await new Promise(setImmediate);
        while (stream.backlogBytes > LIMITS.socketBackpressureBytes / 4 && !this.stopped) {
          await pause(LOOK_MS);
        }
      },
    };
  }

  private async firstSubscription(): Promise<void> {
    if (!this.options.wait) return;
    while (this.stream.counters.subscriptions === 0 && !this.stopped) await pause(LOOK_MS);
    await pause(SUBSCRIBE_MS);
  }

  /** Sequences go back to the beginning, so clients have to. */
  private async again(): Promise<void> {
    await this.emptied();
    this.hub.closeAll(CLOSE_RESTART, 'recording_restarts');
    this.stream.restart(this.contents.session.epoch);
  }

  private async end(): Promise<void> {
    await this.emptied();
    this.hub.closeAll(CLOSE_ENDED, 'recording_ended');
    us_listen_socket_close(this.socket);
    await pause(LOOK_MS);
  }

  /** Gives clients time to read what was sent. */
  private async emptied(): Promise<void> {
    const untilMs = performance.now() + LIMITS.slowConsumerGraceMs;
    while (this.stream.backlogBytes > 0 && performance.now() < untilMs) await pause(LOOK_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
