import type { FrameViews } from '../../src/rings/frame.ts';

/** Views of frames that were copied out of a ring. */
export function viewsOf(bytes: Uint8Array): FrameViews {
  const copy = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
  copy.set(bytes);
  return {
    u8: copy,
    i32: new Int32Array(copy.buffer),
    f64: new Float64Array(copy.buffer),
  };
}
