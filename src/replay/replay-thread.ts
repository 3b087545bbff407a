import { marketName } from '../domain/markets.ts';
import { formatScaled } from '../lib/fixed-point.ts';
import type { SessionWiring } from '../rings/roles.ts';
import { ActionSource, pairsWithBook } from './action-source.ts';
import type { Action, Step } from './actions.ts';
import { OutcomeReader } from './outcome-reader.ts';
import type { Recording } from './recording.ts';
import { ReplaySession } from './replay-session.ts';
import type { ReplayReport, StateComparison } from './report.ts';
import { countFound, readStates } from './state-sequence.ts';

export interface ReplayOptions {
  readonly recording: Recording;
  /** External portfolio the recorded orders belong to. */
  readonly portfolioId: number;
  /** Times the recorded speed; `max` is as fast as it goes. */
  readonly speed: number | 'max';
  /** The last request of this session that is durable; 0 starts at the beginning. */
  readonly resumeAfterRequestId: number;
}

/** What the replay needs of the thread it runs on. */
export interface ReplayHost {
  /** Milliseconds of a steady clock. */
  now(): number;
  /** Resolves when there are durable records (`hasWork`), at the latest after this time. */
  wait(hasWork: () => boolean, timeoutMs: number): Promise<void>;
  stopRequested(): boolean;
  /** Called about four times a second. */
  progress(progress: ReplayProgress): void;
}

export interface ReplayProgress {
  readonly rows: number;
  readonly rowsTotal: number;
  /** Last request whose outcome is durable. */
  readonly requestId: number;
  readonly events: number;
  readonly executions: number;
}

const PROGRESS_EVERY_MS = 250;
const IDLE_MS = 20;
const KEEP_READING_MS = 500;
/** So long nothing may become durable while requests are on their way. */
const STALL_MS = 30_000;

/** Feeds one recording to the venue and reports; the logic of the replay thread. */
export class Replay {
  private readonly options: ReplayOptions;
  private readonly host: ReplayHost;
  private readonly source: ActionSource;
  private readonly outcome: OutcomeReader;
  private readonly session: ReplaySession;
  private actions = 0;
  private orders = 0;
  private lastRequestId: number;
  private stopped = false;
  /** Where recorded time began, and when that was. */
  private origin: { seconds: number; nanos: number; atMs: number } | null = null;
  private nextProgressMs = 0;
  private lastAnswerMs = 0;

  constructor(options: ReplayOptions, wiring: SessionWiring, host: ReplayHost) {
    const { recording, portfolioId, resumeAfterRequestId } = options;
    this.options = options;
    this.host = host;
    this.lastRequestId = resumeAfterRequestId;
    this.source = new ActionSource(recording, resumeAfterRequestId);
    this.outcome = new OutcomeReader({
      market: recording.market,
      sessionId: wiring.sessionId,
      resumedFrom: resumeAfterRequestId,
      collectStates: recording.bookFile !== null && !pairsWithBook(recording),
    });
    this.session = new ReplaySession(
      wiring,
      recording.market.id,
      portfolioId,
      resumeAfterRequestId,
      this.outcome,
    );
  }

  /** Runs to the end of the file, or until stopped. `state_hash` of the report is `null`. */
  async run(): Promise<ReplayReport> {
    const startedMs = this.host.now();
    this.lastAnswerMs = startedMs;
    let isFirst = true;
    for await (const steps of this.source.steps()) {
      if (isFirst && steps.length > 0) {
        this.outcome.startFrom(this.source.resumedBook);
        isFirst = false;
      }
      for (const step of steps) {
        // Most steps need no waiting, and a promise for each would cost more than the step.
        if (!this.takeNow(step) && !(await this.take(step))) break;
      }
      this.session.publish();
      this.reportProgress();
      if (this.stopped) break;
    }
    await this.drain();
    const wallSeconds = (this.host.now() - startedMs) / 1000;
    return this.report(wallSeconds, await this.compareStates());
  }

  /** After the report: reads on until stopped, because a reader that stands still gates the venue. */
  async keepReading(): Promise<void> {
    while (!this.host.stopRequested()) await this.readOrWait(KEEP_READING_MS);
  }

  /** Does a step that can be done at once. */
  private takeNow(step: Step): boolean {
    if (step.kind === 'row_end') {
      this.outcome.rowEnds(this.lastRequestId, step.check);
      return true;
    }
    if (step.kind === 'auction_end') {
      this.outcome.auctionEnds(this.lastRequestId, step);
      return true;
    }
    if (this.options.speed !== 'max' || this.mustStop()) return false;
    return this.submit(step);
  }

  /** Does an action when its time has come and there is room. False when the replay must stop first. */
  private async take(step: Step): Promise<boolean> {
    if (step.kind === 'row_end' || step.kind === 'auction_end') return this.takeNow(step);
    if (this.options.speed !== 'max') await this.pace(step, this.options.speed);
    if (this.mustStop()) return false;
    while (!this.submit(step)) {
      await this.readOrWait(IDLE_MS);
      if (this.mustStop() || this.isStalled()) return false;
    }
    return true;
  }

  private submit(action: Action): boolean {
    if (this.session.inFlight === 0) this.lastAnswerMs = this.host.now();
    if (!this.session.submit(action)) return false;
    this.actions += 1;
    if (action.kind === 'place') this.orders += 1;
    this.lastRequestId = action.requestId;
    return true;
  }

  private mustStop(): boolean {
    this.stopped ||= this.host.stopRequested();
    return this.stopped;
  }

  /** True when nothing has become durable for so long that nothing will any more. */
  private isStalled(): boolean {
    const stalled = this.session.inFlight > 0 && this.host.now() - this.lastAnswerMs > STALL_MS;
    this.stopped ||= stalled;
    return stalled;
  }

  /** Waits until a step's recorded time has come. */
  private async pace({ seconds, nanos }: Action, speed: number): Promise<void> {
    this.origin ??= { seconds, nanos, atMs: this.host.now() };
    const { origin } = this;
    const recordedMs = (seconds - origin.seconds) * 1000 + (nanos - origin.nanos) / 1e6;
    const dueMs = origin.atMs + recordedMs / speed;
    while (this.host.now() < dueMs && !this.host.stopRequested()) {
      this.session.publish();
      await this.readOrWait(Math.min(IDLE_MS, dueMs - this.host.now()));
      this.reportProgress();
    }
  }

  /** Waits until everything sent has its outcome, or nothing has come for too long. */
  private async drain(): Promise<void> {
    this.session.publish();
    while (this.session.inFlight > 0 && !this.isStalled()) await this.readOrWait(IDLE_MS);
  }

  private async readOrWait(timeoutMs: number): Promise<void> {
    if (this.session.read() === 0) {
      await this.host.wait(() => this.session.hasRecords(), timeoutMs);
      if (this.session.read() === 0) return;
    }
    this.lastAnswerMs = this.host.now();
  }

  private reportProgress(): void {
    const now = this.host.now();
    if (now < this.nextProgressMs) return;
    this.nextProgressMs = now + PROGRESS_EVERY_MS;
    this.host.progress({
      rows: this.source.rowsRead,
      rowsTotal: this.options.recording.rows,
      requestId: this.outcome.answeredRequestId,
      events: this.outcome.events,
      executions: this.outcome.executions,
    });
  }

  private async compareStates(): Promise<StateComparison | null> {
    const { bookFile, priceUnitsPerTick } = this.options.recording;
    if (bookFile === null || pairsWithBook(this.options.recording)) return null;
    const ours = this.outcome.states;
    const file = await readStates(bookFile, priceUnitsPerTick);
    return {
      file: bookFile,
      states_compared: ours.length,
      states_found: countFound(ours, file),
      states_in_file: file.length,
    };
  }

  private report(wallSeconds: number, states: StateComparison | null): ReplayReport {
    const { outcome, source } = this;
    const { recording, resumeAfterRequestId } = this.options;
    const { market } = recording;
    return {
      file: recording.file,
      format: recording.format,
      market: marketName(market),
      tick: formatScaled(market.tickUnits, market.priceDecimals),
      from: recording.from,
      rows: source.rowsRead,
      actions: source.sink.lastRequestId,
      commands: this.actions,
      events: outcome.events,
      wall_seconds: wallSeconds,
      events_per_second_durable: perSecond(outcome.events, wallSeconds),
      orders_per_second: perSecond(this.orders, wallSeconds),
      executions: outcome.executions,
      auctions: outcome.auctions.results(),
      maker_matches: outcome.makers.result(),
      unknown_references: source.sink.unknownReferences,
      skipped_rows: source.skippedRows(),
      adjustments: source.sink.adjustments,
      rejected: outcome.rejected,
      unanswered: outcome.unanswered + this.session.inFlight,
      book: pairsWithBook(recording) ? outcome.rows.result(recording.bookFile) : null,
      states,
      resumed_from: resumeAfterRequestId,
      stopped: this.stopped,
      state_hash: null,
    };
  }
}

function perSecond(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}
