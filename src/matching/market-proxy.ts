import { Worker } from 'node:worker_threads';
import type { Market } from '../domain/markets.ts';
import type { Doorbell } from '../rings/doorbell.ts';
import { ThreadControl } from '../rings/thread-control.ts';
import { type BookImage, decodeImage } from './book-image.ts';
import type { ImageRequest, MarketMessage, MarketWiring } from './market-thread.ts';

export interface MarketProxyOptions {
  /** Shown as the thread's name. */
  readonly name: string;
  readonly markets: readonly Market[];
  readonly images: readonly (Float64Array | null)[];
  readonly featureRings: readonly SharedArrayBuffer[];
  readonly commandRing: SharedArrayBuffer;
  readonly eventRing: SharedArrayBuffer;
  readonly eventRingReaders: number;
  readonly bell: Doorbell;
  readonly journalBell: Doorbell;
  readonly spins: number;
  /** Called once when the thread ends without having been told to. */
  readonly onFailure: (detail: string) => void;
}

interface ImageWaiter {
  readonly resolve: (image: BookImage) => void;
  readonly reject: (cause: Error) => void;
}

/** The gateway's end of a market worker. */
export class MarketProxy {
  /** Resolves when the worker takes commands; rejects when it cannot start. */
  readonly ready: Promise<void>;
  private readonly worker: Worker;
  private readonly control = new ThreadControl();
  private readonly bell: Doorbell;
  private readonly ended: Promise<void>;
  private readonly images = new Map<number, ImageWaiter>();
  private nextImageId = 1;
  private stopping = false;

  private constructor(options: MarketProxyOptions) {
    this.bell = options.bell;
    const wiring: MarketWiring = {
      markets: options.markets,
      images: options.images,
      featureRings: options.featureRings,
      commandRing: options.commandRing,
      eventRing: options.eventRing,
      eventRingReaders: options.eventRingReaders,
      bell: options.bell.buffer,
      journalBell: options.journalBell.buffer,
      control: this.control.buffer,
      spins: options.spins,
    };
    const entry = new URL('../../workers/market.js', import.meta.url);
    this.worker = new Worker(entry, { name: options.name, workerData: wiring });
    let cause = '';
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', (message: MarketMessage) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'image') this.deliver(message.id, message.image);
      });
      this.worker.on('error', (error: Error) => {
        cause = error.stack ?? error.message;
        reject(error);
      });
    });
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        for (const { reject } of this.images.values()) reject(new Error('the worker has ended'));
        this.images.clear();
        if (!this.stopping) options.onFailure(cause || `it ended with code ${code}`);
        resolve();
      });
    });
  }

  static start(options: MarketProxyOptions): MarketProxy {
    return new MarketProxy(options);
  }

  /** A market's book between two commands, durable or not. Rejects when the worker ends first. */
  image(marketId: number): Promise<BookImage> {
    const request: ImageRequest = { type: 'image', id: this.nextImageId, marketId };
    this.nextImageId += 1;
    return new Promise((resolve, reject) => {
      this.images.set(request.id, { resolve, reject });
      this.worker.postMessage(request);
      this.control.announceMail();
      this.bell.ring();
    });
  }

  /** Turns of the worker's idle loop: shows that it lives. */
  loops(): number {
    return this.control.loops();
  }

  /** Finishes the commands in the ring, publishes their events, ends the thread. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.control.requestStop();
    this.bell.ring();
    await this.ended;
  }

  private deliver(id: number, image: Float64Array): void {
    this.images.get(id)?.resolve(decodeImage(image));
    this.images.delete(id);
  }
}
