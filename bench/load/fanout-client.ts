import { FrameSocket, type FrameSocketOptions } from '../support/frame-socket.ts';

/**
 * The subscribers of the fan-out benchmark, in a process of their own. Parent → child:
 * `FanoutOrder`; child → parent: `FanoutReport`.
 */
export interface FanoutOrder extends FrameSocketOptions {
  readonly connections: number;
}

export interface FanoutReport {
  readonly ready: boolean;
  /** Measured frames received so far, over all connections. */
  readonly frames: number;
}

const REPORT_EVERY_MS = 5;
/** Connections that are being opened at a time: a listener's backlog is finite. */
const OPENING_MAX = 200;

let frames = 0;
let reported = 0;

function report(ready: boolean): void {
  const message: FanoutReport = { ready, frames };
  process.send?.(message);
  reported = frames;
}

process.once('message', (order: FanoutOrder) => {
  let waiting = order.connections;
  let started = 0;
  let isReady = false;
  const count = (more: number): void => {
    frames += more;
  };
  const next = (): void => {
    if (started === order.connections) return;
    started += 1;
    const onReady = (): void => {
      waiting -= 1;
      if (waiting === 0) {
        isReady = true;
        report(true);
      }
      next();
    };
    new FrameSocket(order, onReady, count);
  };
  for (let i = 0; i < OPENING_MAX; i += 1) next();
  setInterval(() => {
    if (isReady && frames !== reported) report(false);
  }, REPORT_EVERY_MS);
});
process.once('disconnect', () => process.exit(0));
