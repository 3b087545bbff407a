import { once } from 'node:events';
import { ByteBuffer } from 'flatbuffers';
import WebSocket from 'ws';
import { Body } from '../../src/codec/generated/openbell/stream/body.ts';
import { Message } from '../../src/codec/generated/openbell/stream/message.ts';
import { OrderChange } from '../../src/codec/generated/openbell/stream/order-change.ts';
import { OrdersDelta } from '../../src/codec/generated/openbell/stream/orders-delta.ts';

/**
 * Subscribers in a process of their own that stamp every event they are told of when they have it,
 * and one more that may stop reading. Parent → child: `TickOrder`; child → parent: `TickReport`.
 */
export type TickOrder =
  | { readonly kind: 'open'; readonly url: string; readonly subscribers: number }
  | { readonly kind: 'measure'; readonly milliseconds: number }
  /** So many connections that subscribe to everything and never read. */
  | { readonly kind: 'deaf'; readonly connections: number }
  | { readonly kind: 'close' };

export interface TickReport {
  /** From the command's admission to the subscriber, microseconds, one for each event. */
  readonly totalMicros: Float64Array;
  /** The same until the message was made, and from there on. */
  readonly madeMicros: Float64Array;
  readonly wireMicros: Float64Array;
  readonly messages: number;
  readonly bytes: number;
  /** How much the two clocks moved against each other meanwhile. */
  readonly clockDriftMicros: number;
}

const PINGS = 200;
const SAMPLES_MAX = 2_000_000;

let sockets: WebSocket[] = [];
let deaf: WebSocket[] = [];
let url = '';
let isMeasuring = false;
/** Venue time less this process's monotonic time, microseconds. */
let offsetMicros = 0;
const total = new Float64Array(SAMPLES_MAX);
const made = new Float64Array(SAMPLES_MAX);
const wire = new Float64Array(SAMPLES_MAX);
let samples = 0;
let messages = 0;
let bytes = 0;

/** REUSED by every message. */
const delta = new OrdersDelta();
const change = new OrderChange();

function take(data: Buffer): void {
  if (!isMeasuring) return;
  const nowMicros = performance.now() * 1000 + offsetMicros;
  const message = Message.getRootAsMessage(new ByteBuffer(data));
  if (message.bodyType() !== Body.OrdersDelta) return;
  const sentMicros = micros(message.sentTimeNs());
  message.body(delta);
  const length = delta.changesLength();
  for (let i = 0; i < length && samples < SAMPLES_MAX; i += 1) {
    const venueMicros = micros(delta.changes(i, change)!.venueTimeNs());
    total[samples] = nowMicros - venueMicros;
    made[samples] = sentMicros - venueMicros;
    wire[samples] = nowMicros - sentMicros;
    samples += 1;
  }
  messages += 1;
  bytes += data.length;
}

function micros(nanos: bigint): number {
  return Number(nanos) / 1000;
}

async function open(subscribers: number): Promise<void> {
  for (let i = 0; i < subscribers; i += 1) {
    const socket = new WebSocket(`${url}?format=flatbuffers`, { perMessageDeflate: false });
    socket.binaryType = 'nodebuffer';
    await once(socket, 'open');
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) take(data);
    });
    socket.send(JSON.stringify({ op: 'subscribe', channel: 'orders_book', market: '*' }));
    sockets.push(socket);
  }
}

/** The server's clock, asked for as a time server is: the quickest answer knows best. */
async function synchronise(): Promise<number> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  let bestMicros = Number.POSITIVE_INFINITY;
  let found = 0;
  for (let i = 0; i < PINGS; i += 1) {
    const sentMicros = performance.now() * 1000;
    socket.send(JSON.stringify({ op: 'ping', id: i }));
    const time = await pong(socket, i);
    const gotMicros = performance.now() * 1000;
    if (gotMicros - sentMicros >= bestMicros) continue;
    bestMicros = gotMicros - sentMicros;
    found = isoMicros(time) - (sentMicros + gotMicros) / 2;
  }
  socket.close();
  return found;
}

async function pong(socket: WebSocket, id: number): Promise<string> {
  for (;;) {
    const [data] = (await once(socket, 'message')) as [Buffer];
    const message = JSON.parse(data.toString('utf8'));
    if (message.type === 'pong' && message.id === id) return message.time;
  }
}

function isoMicros(iso: string): number {
  return Date.parse(`${iso.slice(0, 19)}Z`) * 1000 + Number(iso.slice(20, 26));
}

async function measure(milliseconds: number): Promise<TickReport> {
  offsetMicros = await synchronise();
  samples = 0;
  messages = 0;
  bytes = 0;
  isMeasuring = true;
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  isMeasuring = false;
  return {
    totalMicros: total.slice(0, samples),
    madeMicros: made.slice(0, samples),
    wireMicros: wire.slice(0, samples),
    messages,
    bytes,
    clockDriftMicros: (await synchronise()) - offsetMicros,
  };
}

/** Subscribes to everything, and stops reading as soon as that is sent. */
async function openDeaf(connections: number): Promise<void> {
  for (let i = 0; i < connections; i += 1) {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, 'open');
    for (const channel of ['book', 'orders_book', 'trades']) {
      socket.send(JSON.stringify({ op: 'subscribe', channel, market: '*' }));
    }
    socket.on('error', () => undefined);
    socket.pause();
    deaf.push(socket);
  }
}

async function obey(order: TickOrder): Promise<TickReport | { done: true }> {
  if (order.kind === 'measure') return measure(order.milliseconds);
  if (order.kind === 'open') {
    url = order.url;
    await open(order.subscribers);
  } else if (order.kind === 'deaf') await openDeaf(order.connections);
  else {
    for (const socket of [...sockets, ...deaf]) socket.terminate();
    sockets = [];
    deaf = [];
  }
  return { done: true };
}

process.on('message', (order: TickOrder) => {
  obey(order).then(
    (report) => process.send?.(report),
    (error: Error) => process.send?.({ error: error.stack }),
  );
});
process.once('disconnect', () => process.exit(0));
