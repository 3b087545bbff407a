import * as R from '../codec/records.ts';
import * as C from '../domain/result-codes.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import type { Submission } from './command-gate.ts';
import type { OrderReply } from './venue.ts';

/** Called with a command's outcome, and with how many orders it cancelled if it cancels many. */
export type Outcome = (reply: OrderReply, cancelled: number) => void;

/** A command whose group is being read, and what became of it. */
export interface ReadCommand {
  /** PLACE_ORDER, AMEND_ORDER, … */
  type: number;
  requestId: number;
  sessionId: number;
  orderId: number;
  code: number;
  cancelled: number;
}

/** Who waits for which command's outcome. */
export class Replies {
  /** One group at a time, since groups are whole. REUSED. */
  readonly current: ReadCommand = {
    type: 0,
    requestId: 0,
    sessionId: 0,
    orderId: 0,
    code: C.OK,
    cancelled: 0,
  };
  private readonly pending = new Map<number, Outcome>();
  private readonly flush: () => void;
  private flushScheduled = false;

  /** @param flush gives what was submitted to the workers */
  constructor(flush: () => void) {
    this.flush = flush;
  }

  get size(): number {
    return this.pending.size;
  }

  /** `done` is called once: now if the command was denied, else with its durable outcome. */
  await(submission: Submission, done: Outcome): void {
    if (submission.code !== C.OK) return done({ code: submission.code, order: null }, 0);
    this.pending.set(submission.requestId, done);
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    // All requests of one turn of the event loop go to the workers with one publish.
    setImmediate(() => {
      this.flushScheduled = false;
      this.flush();
    });
  }

  /** Takes in one record of the group that is being read. */
  note({ f64, i32 }: FrameViews, at: number): void {
    const { current } = this;
    const type = frameType(i32[(at + 4) >>> 2]);
    if (type < R.FIRST_EVENT_TYPE) {
      current.type = type;
      current.requestId = f64[(at + R.COMMAND_REQUEST_ID) >>> 3];
      current.sessionId = i32[(at + R.COMMAND_SESSION_ID) >>> 2];
      current.orderId = f64[(at + R.COMMAND_ORDER_ID) >>> 3];
      current.code = C.OK;
      current.cancelled = 0;
    } else if (type === R.ORDER_REJECTED) {
      current.code = i32[(at + R.ORDER_REJECTED_CODE) >>> 2];
    } else if (type === R.COMMAND_REJECTED) {
      current.code = i32[(at + R.COMMAND_REJECTED_CODE) >>> 2];
    } else if (type === R.ALL_CANCELLED) {
      current.cancelled = i32[(at + R.ALL_CANCELLED_COUNT) >>> 2];
    }
  }

  /** Who waits for the group that was read, taken out; `undefined` when nobody does. */
  take(): Outcome | undefined {
    const { requestId, sessionId } = this.current;
    const done = sessionId === 0 ? this.pending.get(requestId) : undefined;
    if (done !== undefined) this.pending.delete(requestId);
    return done;
  }

  /** Answers everyone with a code. */
  abandon(code: number): void {
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const done of waiting) done({ code, order: null }, 0);
  }
}
