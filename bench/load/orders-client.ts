import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { HttpConnection, SocketConnection } from './orders-wire.ts';

/** What the bench asks of its client process; each job is answered with one message. */
export type OrdersJob =
  | { readonly kind: 'sync' | 'append'; readonly directory: string; readonly times: number }
  | { readonly kind: 'lmdb'; readonly directory: string; readonly times: number }
  | (Target & { readonly kind: 'socket' | 'http'; readonly times: number })
  | (Target & {
      readonly kind: 'pipeline';
      readonly sockets: number;
      /** Requests under way on each socket. */
      readonly inFlight: number;
      readonly milliseconds: number;
      /**
       * How a resting buy ends: a sell takes it, or it is cancelled, where others trade in the same
       * market and the sell might take theirs.
       */
      readonly closing: 'sell' | 'cancel';
    });

type PipelineJob = Extract<OrdersJob, { kind: 'pipeline' }>;

interface Target {
  readonly port: number;
  readonly token: string;
}

export interface OrdersReport {
  /** Microseconds from request to durable reply, in their order. */
  readonly micros: readonly number[];
  /** Replies and the time in which they came, of a pipeline. */
  readonly orders: number;
  readonly seconds: number;
}

const PAGE_BYTES = 4096;
const RAW_FILE_PAGES = 256;
/** About what one order that rests puts into the journal. */
const ORDER_BYTES = 512;
const ORDER_ID = /"order_id":"(\d+)"/;

/**
 * Raw 4 KiB write and fdatasync: what one durable thing costs on this disk at least. Written over in
 * place no sync has to write a new length; appended, as a journal must, it has to.
 */
function syncMicros(directory: string, times: number, inPlace: boolean): number[] {
  const page = new Uint8Array(PAGE_BYTES).fill(3);
  const fd = openSync(join(directory, 'raw'), 'w');
  const pages = inPlace ? RAW_FILE_PAGES : Number.POSITIVE_INFINITY;
  for (let i = 0; i < RAW_FILE_PAGES && inPlace; i += 1) writePage(fd, page, i);
  fdatasyncSync(fd);
  const micros = repeat(times, (i) => {
    writePage(fd, page, i % pages);
    fdatasyncSync(fd);
  });
  closeSync(fd);
  return micros;
}

function writePage(fd: number, page: Uint8Array, at: number): void {
  writeSync(fd, page, 0, PAGE_BYTES, at * PAGE_BYTES);
}

/** One small value in one synced transaction: what LMDB makes of that. */
async function lmdbMicros(directory: string, times: number): Promise<number[]> {
  const path = join(directory, 'lmdb');
  const root = open<Uint8Array, number>({ path, overlappingSync: false, encoding: 'binary' });
  const value = new Uint8Array(ORDER_BYTES).fill(7);
  let key = root.getKeysCount();
  const micros = repeat(times, () => {
    key += 1;
    root.putSync(key, value);
  });
  await root.close();
  return micros;
}

function repeat(times: number, action: (i: number) => void): number[] {
  return Array.from({ length: times }, (_, i) => {
    const started = performance.now();
    action(i);
    return (performance.now() - started) * 1000;
  });
}

/** Places and cancels in turn over the native stream, one request at a time; times the placing. */
async function socketMicros({ port, token }: Target, times: number): Promise<number[]> {
  const connection = await SocketConnection.open(port, token);
  const ask = (message: string, status: string) =>
    new Promise<string>((resolve) => {
      connection.onReply = (text) => resolve(expect(text, status));
      connection.send([message]);
    });
  const micros: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const started = performance.now();
    const reply = await ask(placeMessage(i, 'buy'), 'open');
    micros.push((performance.now() - started) * 1000);
    const orderId = ORDER_ID.exec(reply)?.[1];
    await ask(cancelMessage(i, orderId ?? ''), 'cancelled');
  }
  connection.close();
  return micros;
}

/** The same over REST with keep-alive. */
async function httpMicros({ port, token }: Target, times: number): Promise<number[]> {
  const connection = await HttpConnection.open(port, token);
  const ask = (method: string, path: string, status: string, body = '') =>
    new Promise<string>((resolve) => {
      connection.onReply = (text) => resolve(expect(text, status));
      connection.request(method, path, body);
    });
  const order =
    '{"exchange":"NASDAQ","symbol":"AAPL","side":"buy","type":"limit","quantity":1,"price":150}';
  const micros: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const started = performance.now();
    const reply = await ask('POST', '/v1/trading/orders', 'open', order);
    micros.push((performance.now() - started) * 1000);
    const orderId = ORDER_ID.exec(reply)?.[1];
    await ask('DELETE', `/v1/trading/orders/${orderId}`, 'cancelled');
  }
  connection.close();
  return micros;
}

/**
 * Keeps so many requests under way on each of several sockets. Every lane places a buy, which rests,
 * and when that is durable a sell, which takes a buy that rests, or the buy's cancel: the book stays
 * as small as there are lanes, and each outcome is known and checked.
 */
async function pipeline(job: PipelineJob): Promise<OrdersReport> {
  const connections = await Promise.all(
    Array.from({ length: job.sockets }, () => SocketConnection.open(job.port, job.token)),
  );
  const micros: number[] = [];
  const started = performance.now();
  const deadline = started + job.milliseconds;
  let endedAt = started;
  await Promise.all(
    connections.map((connection) =>
      keepBusy(connection, job, deadline, (sentAt) => {
        endedAt = performance.now();
        micros.push((endedAt - sentAt) * 1000);
      }),
    ),
  );
  for (const connection of connections) connection.close();
  return { micros, orders: micros.length, seconds: (endedAt - started) / 1000 };
}

/** Resolves when the time is over and every lane has sold or cancelled what it bought. */
function keepBusy(
  connection: SocketConnection,
  { inFlight: lanes, closing }: Pick<PipelineJob, 'inFlight' | 'closing'>,
  deadline: number,
  count: (sentAt: number) => void,
): Promise<void> {
  const sentAt = new Float64Array(lanes);
  const isClosing = new Uint8Array(lanes);
  const closed = closing === 'sell' ? 'filled' : 'cancelled';
  let outgoing: string[] = [];
  let active = lanes;
  const flush = (): void => {
    connection.send(outgoing);
    outgoing = [];
  };
  const ask = (lane: number, message: string): void => {
    sentAt[lane] = performance.now();
    outgoing.push(message);
    // What one packet's replies cause goes out with one write.
    if (outgoing.length === 1) queueMicrotask(flush);
  };
  return new Promise((resolve) => {
    connection.onReply = (text) => {
      const lane = Number(text.slice(21, text.indexOf(',', 21)));
      expect(text, isClosing[lane] === 0 ? 'open' : closed);
      count(sentAt[lane]);
      isClosing[lane] ^= 1;
      if (isClosing[lane] === 1) {
        const orderId = ORDER_ID.exec(text)?.[1] ?? '';
        ask(lane, closing === 'sell' ? placeMessage(lane, 'sell') : cancelMessage(lane, orderId));
      } else if (performance.now() < deadline) ask(lane, placeMessage(lane, 'buy'));
      else {
        active -= 1;
        if (active === 0) resolve();
      }
    };
    for (let lane = 0; lane < lanes; lane += 1) ask(lane, placeMessage(lane, 'buy'));
  });
}

function placeMessage(id: number, side: string): string {
  return (
    `{"op":"order.place","id":${id},"market":"NASDAQ:AAPL","side":"${side}","type":"limit",` +
    '"quantity":"1","price":"150"}'
  );
}

function cancelMessage(id: number, orderId: string): string {
  return `{"op":"order.cancel","id":${id},"order_id":"${orderId}"}`;
}

function expect(reply: string, status: string): string {
  if (reply.includes(`"status":"${status}"`)) return reply;
  throw new Error(`expected an order that is ${status}, got ${reply}`);
}

async function work(job: OrdersJob): Promise<OrdersReport> {
  if (job.kind === 'pipeline') return pipeline(job);
  const micros = await measure(job);
  return { micros, orders: micros.length, seconds: 0 };
}

function measure(job: Exclude<OrdersJob, { kind: 'pipeline' }>): Promise<number[]> | number[] {
  switch (job.kind) {
    case 'sync':
    case 'append':
      return syncMicros(job.directory, job.times, job.kind === 'sync');
    case 'lmdb':
      return lmdbMicros(job.directory, job.times);
    case 'socket':
      return socketMicros(job, job.times);
    case 'http':
      return httpMicros(job, job.times);
  }
}

process.on('message', (job: OrdersJob) => {
  work(job).then(
    (report) => process.send?.(report),
    (error: Error) => process.send?.({ error: error.stack }),
  );
});
