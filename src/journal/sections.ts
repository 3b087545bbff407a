import { Buffer } from 'node:buffer';
import { assert } from '../lib/assert.ts';

/**
 * The body of a snapshot: named sections, each 8-byte aligned, after an index.
 *
 * ```
 *   0        4         8                     8 × n
 *   ┌────────┬─────────┬──────────────────────┬───────────┬───────────┬───
 *   │ magic  │ index   │ index: JSON, an array│ section … │ section … │
 *   │ "OBSN" │ bytes   │ of [name, bytes]     │           │           │
 *   └────────┴─────────┴──────────────────────┴───────────┴───────────┴───
 *     u32      u32       padded to 8
 * ```
 */
const MAGIC = 0x4e53_424f;
const HEAD_BYTES = 8;

/** Puts sections together, in their order. */
export function joinSections(
  sections: readonly (readonly [string, Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  const index = Buffer.from(JSON.stringify(sections.map(([name, bytes]) => [name, bytes.length])));
  const start = aligned(HEAD_BYTES + index.length);
  const length = sections.reduce((sum, [, bytes]) => sum + aligned(bytes.length), start);
  const body = new Uint8Array(length);
  const view = new DataView(body.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, index.length, true);
  body.set(index, HEAD_BYTES);
  let at = start;
  for (const [, bytes] of sections) {
    body.set(bytes, at);
    at += aligned(bytes.length);
  }
  return body;
}

/** Takes them apart again. The sections are views of the body. */
export function splitSections(body: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  assert(view.getUint32(0, true) === MAGIC, 'a snapshot body starts with its magic');
  const indexBytes = view.getUint32(4, true);
  const text = Buffer.from(body.buffer, body.byteOffset + HEAD_BYTES, indexBytes).toString('utf8');
  const sections = new Map<string, Uint8Array<ArrayBuffer>>();
  let at = aligned(HEAD_BYTES + indexBytes);
  for (const [name, length] of JSON.parse(text) as [string, number][]) {
    sections.set(name, body.subarray(at, at + length));
    at += aligned(length);
  }
  assert(at === body.length, 'a snapshot body ends with its last section');
  return sections;
}

function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}
