import { FrameSocket } from '../support/frame-socket.ts';

/** What a crowd of connections, in a process of its own, is told to do; each answered when done. */
export type CrowdOrder =
  | {
      readonly kind: 'open';
      readonly port: number;
      readonly path: string;
      readonly connections: number;
      readonly request: string;
      readonly framesBefore: number;
    }
  /** Every connection sends this and waits for so many frames. */
  | { readonly kind: 'ask'; readonly request: string; readonly frames: number }
  /** Half of the connections end in order, half are cut. */
  | { readonly kind: 'close' };

export type CrowdReport = { readonly done: number } | { readonly error: string };

const OPENING_MAX = 200;
/** Each has some 28 000 ports, which stay taken for a minute after a connection has ended. */
const ADDRESSES = 16;

let crowd: FrameSocket[] = [];

function fail(error: Error): void {
  const report: CrowdReport = { error: error.message };
  process.send?.(report);
}

function openAll(order: Extract<CrowdOrder, { kind: 'open' }>): Promise<void> {
  const { connections } = order;
  return new Promise((resolve) => {
    let ready = 0;
    const next = (): void => {
      if (crowd.length === connections) return;
      const localAddress = `127.0.0.${2 + (crowd.length % ADDRESSES)}`;
      const socket = new FrameSocket({ ...order, localAddress }, () => {
        ready += 1;
        if (ready === connections) resolve();
        next();
      });
      socket.onError(fail);
      crowd.push(socket);
    };
    for (let i = 0; i < OPENING_MAX; i += 1) next();
  });
}

async function askAll({ request, frames }: Extract<CrowdOrder, { kind: 'ask' }>): Promise<void> {
  const wanted = crowd.map((socket) => socket.frames + frames);
  for (const socket of crowd) socket.send(request);
  while (crowd.some((socket, i) => socket.frames < wanted[i])) await sleep(20);
}

async function closeAll(): Promise<void> {
  const closing = crowd.map((socket, i) => {
    return new Promise<void>((resolve) => socket.close(i % 2 === 0, resolve));
  });
  crowd = [];
  await Promise.all(closing);
}

async function obey(order: CrowdOrder): Promise<void> {
  if (order.kind === 'open') await openAll(order);
  else if (order.kind === 'ask') await askAll(order);
  else await closeAll();
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

process.on('message', (order: CrowdOrder) => {
  obey(order).then(() => {
    const report: CrowdReport = { done: crowd.length };
    process.send?.(report);
  }, fail);
});
process.once('disconnect', () => process.exit(0));
