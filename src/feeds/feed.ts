import { backoffMs } from './backoff.ts';
import type { FeedCounters, FeedLimits, FeedTimers, SocketHealth } from './connector-types.ts';
import type { Dial, DialledSocket } from './dial.ts';
import { DialBudget } from './dial-budget.ts';
import { repeat } from './repeat.ts';
import type { FrameVerdict } from './venue-adapter.ts';

/** What a feed asks of whoever runs it. */
export interface FeedEvents {
  /** The socket is open: subscriptions can be sent. */
  opened(): void;
  frame(text: string, receivedMs: number): FrameVerdict;
  /** It was open and is gone. */
  lost(reason: string): void;
}

export interface FeedOptions {
  readonly name: string;
  readonly url: string;
  readonly dial: Dial;
  readonly timers: FeedTimers;
  readonly random: () => number;
  readonly limits: FeedLimits;
  /** Sent while open; `undefined`: only the protocol's ping is. */
  readonly heartbeat: { readonly everyMs: number; readonly message: string } | undefined;
  readonly events: FeedEvents;
}

type State = SocketHealth['state'];
type Counters = { -readonly [Name in keyof FeedCounters]: FeedCounters[Name] };

/**
 * One socket that is kept alive for ever.
 *
 * | state   | opens          | closes, fails | time is up                           | stop    |
 * | ------- | -------------- | ------------- | ------------------------------------ | ------- |
 * | waiting | –              | –             | dialling, or waiting for the budget  | stopped |
 * | dialling| open           | waiting       | (dial limit) dropped, waiting        | stopped |
 * | open    | –              | waiting       | (idle limit) dropped, waiting        | stopped |
 *
 * Idle means that no market data came. A peer that pongs, acknowledges or sends heartbeats and
 * nothing else is idle: from outside that looks like a living connection to a dead service.
 */
export class Feed {
  private readonly options: FeedOptions;
  private readonly budget: DialBudget;
  private readonly totals: Counters = {
    frames: 0,
    bytes: 0,
    malformed: 0,
    refused: 0,
    dials: 0,
    dialFailures: 0,
    disconnects: 0,
    idleDisconnects: 0,
    throttledDials: 0,
  };
  private state: State = 'stopped';
  private socket: DialledSocket | undefined;
  private failures = 0;
  private openedMs = 0;
  private lastDataMs: number | undefined;
  /** Since when the present silence lasts: the opening, then the newest data. */
  private quietSinceMs = 0;
  private cancelWait: () => void = () => undefined;
  private readonly cancelTicks: (() => void)[] = [];

  constructor(options: FeedOptions) {
    this.options = options;
    const { dialsMax, dialWindowMs } = options.limits;
    this.budget = new DialBudget(dialsMax, dialWindowMs);
  }

  get name(): string {
    return this.options.name;
  }

  health(): SocketHealth {
    const { state, lastDataMs, totals } = this;
    return { name: this.options.name, state, lastDataMs, counters: { ...totals } };
  }

  start(): void {
    if (this.state !== 'stopped') return;
    this.wait(0);
  }

  /** Drops the socket; nothing is told any more. */
  stop(): void {
    this.cancelWait();
    this.quieten();
    this.state = 'stopped';
    this.socket?.drop();
    this.socket = undefined;
  }

  /** Sends where the socket is open; what matters is sent again after every opening anyway. */
  send(messages: readonly string[]): void {
    if (this.state !== 'open') return;
    for (const message of messages) this.socket?.send(message);
  }

  private wait(delayMs: number): void {
    this.state = 'waiting';
    this.cancelWait = this.options.timers.after(delayMs, () => this.dialOrWait());
  }

  private dialOrWait(): void {
    const nowMs = this.options.timers.nowMs();
    const budgetMs = this.budget.waitMs(nowMs);
    if (budgetMs > 0) {
      this.totals.throttledDials += 1;
      this.wait(budgetMs);
      return;
    }
    this.budget.spend(nowMs);
    this.dial();
  }

  private dial(): void {
    const { dial, url, timers, limits } = this.options;
    this.state = 'dialling';
    this.totals.dials += 1;
    const socket = dial(url, {
      opened: () => this.isCurrent(socket) && this.opened(),
      message: (text) => this.isCurrent(socket) && this.message(text),
      unreadable: () => {
        if (this.isCurrent(socket)) this.totals.malformed += 1;
      },
      closed: (reason) => this.isCurrent(socket) && this.closed(reason),
    });
    this.socket = socket;
    this.cancelWait = timers.after(limits.dialTimeoutMs, () => {
      this.abandon(`no connection within ${limits.dialTimeoutMs} ms`);
    });
  }

  /** A socket that was given up may still speak; nobody listens. */
  private isCurrent(socket: DialledSocket): boolean {
    return this.socket === socket;
  }

  private opened(): void {
    const { timers, limits, heartbeat, events } = this.options;
    this.cancelWait();
    this.state = 'open';
    this.openedMs = timers.nowMs();
    this.quietSinceMs = this.openedMs;
    this.cancelTicks.push(repeat(timers, limits.pingMs, () => this.socket?.ping()));
    if (heartbeat !== undefined) {
      const { everyMs, message } = heartbeat;
      this.cancelTicks.push(repeat(timers, everyMs, () => this.socket?.send(message)));
    }
    this.watch(limits.idleMs);
    events.opened();
  }

  private message(text: string): void {
    const nowMs = this.options.timers.nowMs();
    this.totals.frames += 1;
    this.totals.bytes += text.length;
    const verdict = this.options.events.frame(text, nowMs);
    if (verdict === 'data') {
      this.lastDataMs = nowMs;
      this.quietSinceMs = nowMs;
    } else if (verdict === 'malformed') this.totals.malformed += 1;
    else if (verdict === 'refused') this.totals.refused += 1;
  }

  /** Looks whether data came, at the moment at which the silence would become too long. */
  private watch(inMs: number): void {
    const { timers, limits } = this.options;
    this.cancelWait = timers.after(inMs, () => {
      const quietMs = timers.nowMs() - this.quietSinceMs;
      if (quietMs < limits.idleMs) this.watch(limits.idleMs - quietMs);
      else this.lookAgain();
    });
  }

  /**
   * A process that was held up finds its timers due before it has read what came meanwhile: silence
   * counts when it lasts through a turn in which sockets are read.
   */
  private lookAgain(): void {
    const { timers, limits } = this.options;
    const { quietSinceMs } = this;
    this.cancelWait = timers.after(limits.idleMs / 20, () => {
      if (this.quietSinceMs !== quietSinceMs) {
        this.watch(0);
        return;
      }
      this.totals.idleDisconnects += 1;
      this.abandon(`no market data for ${limits.idleMs} ms`);
    });
  }

  private abandon(reason: string): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.drop();
    this.closed(reason);
  }

  private closed(reason: string): void {
    const { timers, limits, random, events } = this.options;
    const wasOpen = this.state === 'open';
    this.socket = undefined;
    this.cancelWait();
    this.quieten();
    if (wasOpen) this.totals.disconnects += 1;
    else this.totals.dialFailures += 1;
    const hadData = this.lastDataMs !== undefined && this.lastDataMs >= this.openedMs;
    const wasSteady = wasOpen && hadData && timers.nowMs() - this.openedMs >= limits.steadyMs;
    this.failures = wasSteady ? 0 : this.failures;
    this.wait(backoffMs(this.failures, limits.backoffMs, limits.backoffMaxMs, random));
    this.failures += 1;
    if (wasOpen) events.lost(reason);
  }

  private quieten(): void {
    for (const cancel of this.cancelTicks.splice(0)) cancel();
  }
}
