import { randomBytes } from 'node:crypto';
import type { Prng } from '../../../src/lib/prng.ts';
import { noise } from './mutations.ts';
import { pick } from './requests.ts';

export const OP_CONTINUATION = 0;
export const OP_TEXT = 1;
export const OP_BINARY = 2;
export const OP_CLOSE = 8;
export const OP_PING = 9;
export const OP_PONG = 10;

export interface FrameOptions {
  readonly fin?: boolean;
  /** The three reserved bits. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** What the header says instead of the payload's length. */
  readonly claimedBytes?: number;
}

/** One WebSocket frame as a client sends it, or as it must not (RFC 6455, section 5.2). */
export function frame(
  op: number,
  payload: Uint8Array | string,
  options: FrameOptions = {},
): Buffer {
  const { fin = true, rsv = 0, masked = true } = options;
  const body = Buffer.from(payload as string);
  const bytes = options.claimedBytes ?? body.length;
  const head = lengthBytes(bytes, masked);
  const first = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | op]);
  if (!masked) return Buffer.concat([first, head, body]);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  const hidden = body.map((byte, i) => byte ^ mask[i & 3]);
  return Buffer.concat([first, head, mask, hidden]);
}

function lengthBytes(bytes: number, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (bytes < 126) return Buffer.from([bit | bytes]);
  if (bytes < 65_536) return Buffer.from([bit | 126, bytes >>> 8, bytes & 255]);
  const head = Buffer.alloc(9);
  head[0] = bit | 127;
  head.writeBigUInt64BE(BigInt(bytes), 1);
  return head;
}

/** The request for a connection. */
export function upgrade(path: string, token = ''): Buffer {
  const authorization = token === '' ? '' : `Authorization: Bearer ${token}\r\n`;
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
      `Sec-WebSocket-Version: 13\r\n${authorization}\r\n`,
  );
}

type Spoil = (message: string, prng: Prng) => Buffer[];

const SPOILS: readonly Spoil[] = [
  // The message.
  (message, prng) => {
    const bytes = Buffer.from(message);
    for (let n = prng.integer(1, 6); n > 0; n -= 1) {
      bytes[prng.integer(0, bytes.length - 1)] = prng.integer(0, 255);
    }
    return [frame(OP_TEXT, bytes)];
  },
  (message, prng) => [frame(OP_TEXT, message.slice(0, prng.integer(0, message.length)))],
  (message, prng) => {
    const value = pick(NASTY_VALUES, prng);
    return [frame(OP_TEXT, message.replace(/:("[^"]*"|\d+)/, `:${value}`))];
  },
  (message) => [frame(OP_TEXT, message.replace('{', '{"op":"ping","action":"ping",'))],
  (message) => [frame(OP_TEXT, message.replace('{', '{"__proto__":{"admin":true},'))],
  (message) => [frame(OP_BINARY, message)],
  // Fragments.
  (message, prng) => fragments(message, prng),
  (message, prng) => interleaved(fragments(message, prng), frame(OP_PING, 'p')),
  (message, prng) => interleaved(fragments(message, prng), frame(OP_TEXT, '{}')),
  (message) => [frame(OP_CONTINUATION, message)],
  (message) => [frame(OP_TEXT, message, { fin: false })],
  // The frame's head.
  (message) => [frame(OP_TEXT, message, { masked: false })],
  (message, prng) => [frame(OP_TEXT, message, { rsv: prng.integer(1, 7) })],
  (message, prng) => [frame(pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15], prng), message)],
  (message, prng) => {
    const claimedBytes = pick([0, 1, message.length + 5, 70_000, 2 ** 31, 2 ** 53 - 1], prng);
    return [frame(OP_TEXT, message, { claimedBytes })];
  },
  // What text must not be.
  () => [frame(OP_TEXT, Buffer.from([0xc3, 0x28, 0xff, 0xfe]))],
  (message) => [frame(OP_TEXT, Buffer.concat([Buffer.from(message), Buffer.from([0xed, 0xa0])]))],
  () => [frame(OP_TEXT, 'x'.repeat(70_000))],
  (message) => [frame(OP_TEXT, message.padEnd(60_000))],
  // Control frames.
  (_message, prng) => [frame(OP_PING, 'p'.repeat(prng.integer(0, 140)))],
  (_message, prng) => [frame(OP_PING, 'p', { fin: false, rsv: prng.integer(0, 1) })],
  () => Array.from({ length: 50 }, () => frame(OP_PONG, '')),
  () => [frame(OP_CLOSE, ''), frame(OP_TEXT, '{}')],
  (_message, prng) => {
    const code = pick([0, 999, 1000, 1004, 1005, 1006, 1015, 2999, 5000, 65_535], prng);
    return [frame(OP_CLOSE, Buffer.from([code >>> 8, code & 255, 0xff]))];
  },
  () => [frame(OP_CLOSE, Buffer.from([3]))],
  // Anything.
  (_message, prng) => [noise(prng)],
  (message, prng) => {
    const bytes = frame(OP_TEXT, message);
    bytes[prng.integer(0, bytes.length - 1)] ^= 1 << prng.integer(0, 7);
    return [bytes];
  },
  (message, prng) => [frame(OP_TEXT, message).subarray(0, prng.integer(1, message.length))],
];
const NASTY_VALUES = [
  'null',
  '[]',
  '{}',
  '-1',
  '1e999',
  '"\\u0000"',
  `"${'z'.repeat(9000)}"`,
  'true',
];

/** Frames that a well-behaved client would not send, made of a message that is right. */
export function spoilt(message: string, prng: Prng): Buffer[] {
  return pick(SPOILS, prng)(message, prng);
}

function fragments(message: string, prng: Prng): Buffer[] {
  const bytes = Buffer.from(message);
  const cut = prng.integer(0, bytes.length);
  return [
    frame(OP_TEXT, bytes.subarray(0, cut), { fin: false }),
    frame(OP_CONTINUATION, bytes.subarray(cut)),
  ];
}

function interleaved(frames: readonly Buffer[], other: Buffer): Buffer[] {
  return frames.flatMap((each, i) => (i === 0 ? [each, other] : [each]));
}
