import { Worker } from 'node:worker_threads';
import type {
  FeedsWiring,
  FromFeeds,
  RestMethod,
  ToFeeds,
  VenueQuestions,
  VenueState,
} from './live-messages.ts';
import { Questions, RemoteRest } from './remote-rest.ts';

/** A thread that does not end in this time is ended. */
const STOP_TIMEOUT_MS = 3_000;

export interface FeedsListener {
  notice(level: 'info' | 'warn', fields: object, message: string): void;
  /** The thread ended without having been told to. */
  failed(error: Error): void;
}

/** The gateway's end of the feeds thread. */
export class FeedsProxy {
  /** Resolves when the connectors have begun; rejects when the thread cannot start. */
  readonly ready: Promise<void>;
  private readonly worker: Worker;
  private readonly listener: FeedsListener;
  private readonly exited: Promise<void>;
  private readonly questions = new Questions();
  private readonly states = new Map<string, VenueState>();
  private readonly rests = new Map<string, VenueQuestions>();
  private stopping = false;

  constructor(wiring: FeedsWiring, listener: FeedsListener) {
    this.listener = listener;
    for (const { exchange } of wiring.venues) {
      this.rests.set(exchange, new RemoteRest((method, args) => this.ask(exchange, method, args)));
    }
    this.worker = new Worker(new URL('../../workers/feeds.js', import.meta.url), {
      name: 'feeds',
      workerData: wiring,
    });
    let cause: Error | undefined;
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', (message: FromFeeds) => {
        if (message.type === 'ready') resolve();
        else this.receive(message);
      });
      this.worker.on('error', (error) => {
        cause = error as Error;
        reject(error);
      });
      this.worker.on('exit', (code) => reject(new Error(`feeds ended with code ${code}`)));
    });
    this.ready.catch(() => undefined);
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.questions.abandon();
        this.states.clear();
        if (!this.stopping) listener.failed(cause ?? new Error(`feeds ended with code ${code}`));
        resolve();
      });
    });
  }

  state(exchange: string): VenueState | undefined {
    return this.states.get(exchange);
  }

  rest(exchange: string): VenueQuestions | undefined {
    return this.rests.get(exchange);
  }

  /** Closes the sockets, publishes what was written, ends the thread. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.send({ type: 'stop' });
    const timer = setTimeout(() => void this.worker.terminate(), STOP_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  private ask(exchange: string, method: RestMethod, args: readonly unknown[]) {
    return this.questions.ask((id) => this.send({ type: 'rest', id, exchange, method, args }));
  }

  private send(message: ToFeeds): void {
    this.worker.postMessage(message);
  }

  private receive(message: FromFeeds): void {
    switch (message.type) {
      case 'rest':
        this.questions.answered(message.id, message.result);
        return;
      case 'state':
        for (const state of message.venues) this.states.set(state.exchange, state);
        return;
      case 'notice':
        this.listener.notice(message.level, message.fields, message.message);
        return;
      default:
    }
  }
}
