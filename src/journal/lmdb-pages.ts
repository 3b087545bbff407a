import { readSync } from 'node:fs';

/** Meta pages at the beginning of every LMDB file. */
export const META_PAGES = 2;

const PAGE_HEADER_BYTES = 24;
const FLAGS = 18;
const LOWER = 20;
const OVERFLOW_PAGES = 20;
const IS_BRANCH = 0x01;
const IS_LEAF = 0x02;
const IS_OVERFLOW = 0x04;
const NODE_HEADER_BYTES = 8;
/** The value lies on pages of its own. */
const NODE_IS_BIG = 0x01;
const NO_ROOT = 0xffff_ffff_ffff_ffffn;

/** Pages of an LMDB file that is not open: read from the disk, never mapped. */
export class PageFile {
  readonly pageBytes: number;
  private readonly fd: number;
  private readonly wholePages: number;

  constructor(fd: number, pageBytes: number, wholePages: number) {
    this.fd = fd;
    this.pageBytes = pageBytes;
    this.wholePages = wholePages;
  }

  /** So many pages from one on; `undefined` where the file does not have all of them. */
  read(page: number, count = 1): Buffer | undefined {
    if (!(page >= META_PAGES && count >= 1 && page + count <= this.wholePages)) return undefined;
    const bytes = Buffer.alloc(count * this.pageBytes);
    const got = readSync(this.fd, bytes, 0, bytes.length, page * this.pageBytes);
    return got === bytes.length ? bytes : undefined;
  }
}

/**
 * Every page that the file's list of free pages holds: the tree below `root`, whose values are
 * arrays of u64, a count and then page numbers; a negative number is the length of the run whose
 * first page follows it, a zero an empty place.
 * @returns `undefined` when the list itself cannot be read
 */
export function freePages(file: PageFile, root: bigint): Set<number> | undefined {
  const free = new Set<number>();
  if (root === NO_ROOT) return free;
  const waiting = [Number(root)];
  const seen = new Set<number>();
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    const bytes = file.read(page);
    if (bytes === undefined || seen.has(page)) return undefined;
    seen.add(page);
    const flags = bytes.readUInt16LE(FLAGS);
    for (const node of nodes(bytes)) {
      if (node < 0 || node + NODE_HEADER_BYTES > bytes.length) return undefined;
      if ((flags & IS_BRANCH) !== 0) waiting.push(childOf(bytes, node));
      else if ((flags & IS_LEAF) === 0) return undefined;
      else if (!addRuns(readValue(file, bytes, node), free)) return undefined;
    }
  }
  return free;
}

/** Offsets of a page's nodes. */
function nodes(page: Buffer): number[] {
  const count = page.readUInt16LE(LOWER) >>> 1;
  const most = (page.length - PAGE_HEADER_BYTES) >>> 1;
  return Array.from(
    { length: Math.min(count, most) },
    (_, i) => page.readUInt16LE(PAGE_HEADER_BYTES + 2 * i) + PAGE_HEADER_BYTES,
  );
}

function childOf(page: Buffer, node: number): number {
  return page.readUInt32LE(node) + page.readUInt16LE(node + 4) * 2 ** 32;
}

function readValue(file: PageFile, page: Buffer, node: number): Buffer | undefined {
  const valueBytes = page.readUInt32LE(node);
  const isBig = (page.readUInt16LE(node + 4) & NODE_IS_BIG) !== 0;
  const at = node + NODE_HEADER_BYTES + page.readUInt16LE(node + 6);
  if (at + (isBig ? 8 : valueBytes) > page.length) return undefined;
  if (!isBig) return page.subarray(at, at + valueBytes);
  const first = Number(page.readBigUInt64LE(at));
  const head = file.read(first);
  if (head === undefined || (head.readUInt16LE(FLAGS) & IS_OVERFLOW) === 0) return undefined;
  const value = file.read(first, head.readUInt32LE(OVERFLOW_PAGES));
  return value?.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + valueBytes);
}

function addRuns(value: Buffer | undefined, free: Set<number>): boolean {
  if (value === undefined || value.length < 8) return false;
  const count = Number(value.readBigUInt64LE(0));
  if ((count + 1) * 8 > value.length) return false;
  let run = 1;
  for (let i = 1; i <= count; i += 1) {
    const entry = Number(value.readBigInt64LE(8 * i));
    if (entry < 0) {
      run = -entry;
      continue;
    }
    for (let page = entry; entry > 0 && page < entry + run; page += 1) free.add(page);
    run = 1;
  }
  return true;
}
