import { FRAME_FLAG_END, type FrameViews, frameWord } from '../rings/frame.ts';
import { RING_FULL, type RingProducer } from '../rings/ring.ts';

/**
 * What the gateway denied before the book, told through a ring of its own, because no event tells of it:
 *
 * ```
 *   0         8              16              24      28
 *   ┌─────────┬──────────────┬───────────────┬───────┬──────────────┐
 *   │ frame   │ deploymentId │ orderNumber   │ code  │ isPlacement  │
 *   └─────────┴──────────────┴───────────────┴───────┴──────────────┘
 *              f64            f64             i32     i32
 * ```
 */
const TYPE = 1;
const DEPLOYMENT_ID = 8;
const ORDER_NUMBER = 16;
const CODE = 24;
const IS_PLACEMENT = 28;
const BYTES = 32;

export interface Denial {
  readonly deploymentId: number;
  readonly orderNumber: number;
  /** A result code. */
  readonly code: number;
  /** False for a cancel or an amendment. */
  readonly isPlacement: boolean;
}

/** Writes a denial, visible at the next `publish()`. @returns false when the ring has no room */
export function writeDenial(producer: RingProducer, denial: Denial): boolean {
  const at = producer.claim(BYTES, frameWord(TYPE, FRAME_FLAG_END, 0));
  if (at === RING_FULL) return false;
  const { f64, i32 } = producer.ring;
  f64[(at + DEPLOYMENT_ID) >>> 3] = denial.deploymentId;
  f64[(at + ORDER_NUMBER) >>> 3] = denial.orderNumber;
  i32[(at + CODE) >>> 2] = denial.code;
  i32[(at + IS_PLACEMENT) >>> 2] = denial.isPlacement ? 1 : 0;
  producer.endGroup();
  return true;
}

export function readDenial({ f64, i32 }: FrameViews, at: number): Denial {
  return {
    deploymentId: f64[(at + DEPLOYMENT_ID) >>> 3],
    orderNumber: f64[(at + ORDER_NUMBER) >>> 3],
    code: i32[(at + CODE) >>> 2],
    isPlacement: i32[(at + IS_PLACEMENT) >>> 2] === 1,
  };
}
