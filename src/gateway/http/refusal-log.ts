/** Lines a second at most; when nothing works, every request would have one. */
const LINES_PER_SECOND = 10;

/** Where a line goes. */
export interface WarningLog {
  warn?(fields: object, message: string): void;
}

export interface RefusedRequest {
  readonly requestId: string;
  /** Name of the result code or of the gateway's own refusal. */
  readonly code: string;
  readonly method?: string;
  readonly route?: string;
}

/**
 * Logs requests that the server could not serve (503), each with its id, so that what a client
 * reports is found again; a flood of them is counted instead.
 */
export class RefusalLog {
  private readonly log: WarningLog;
  private second = 0;
  private lines = 0;
  private leftOut = 0;

  constructor(log: WarningLog) {
    this.log = log;
  }

  /** @param nowMs milliseconds since the Unix epoch */
  note(fields: RefusedRequest, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.second) {
      if (this.leftOut > 0) {
        this.log.warn?.({ leftOut: this.leftOut }, 'more requests could not be served');
      }
      this.second = second;
      this.lines = 0;
      this.leftOut = 0;
    }
    if (this.lines === LINES_PER_SECOND) {
      this.leftOut += 1;
      return;
    }
    this.lines += 1;
    this.log.warn?.(fields, 'a request could not be served');
  }
}
