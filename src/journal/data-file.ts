import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { JournalOpenError } from './errors.ts';
import { freePages, META_PAGES, PageFile } from './lmdb-pages.ts';

/**
 * What LMDB maps without looking: a page that its file does not have ends the process with SIGBUS,
 * and a root that points nowhere with SIGSEGV. So the file is looked at before it is opened.
 *
 * The two meta pages, of which the one with the greater transaction id counts (lmdb 3.5.6, data
 * version 2, little-endian; the page header of 24 bytes comes first):
 *
 * ```
 *  24        28        32        40        48         96         144      152
 *   ┌─────────┬─────────┬─────────┬─────────┬──────────┬──────────┬────────┬─────────────┐
 *   │ magic   │ version │ address │ map     │ free     │ main     │ last   │ transaction │
 *   │ BEEFC0DE│    2    │         │ size    │ database │ database │ page   │             │
 *   └─────────┴─────────┴─────────┴─────────┴──────────┴──────────┴────────┴─────────────┘
 *     u32       u32       u64       u64       48 bytes   48 bytes   u64      u64
 * ```
 */
const MAGIC = 24;
const VERSION = 28;
const FREE_PAGE_BYTES = 48;
const FREE_ROOT = 88;
const MAIN_ROOT = 136;
const LAST_PAGE = 144;
const TRANSACTION = 152;
const META_BYTES = 168;
const FLAGS = 18;
const PAGE_IS_META = 0x08;

const LMDB_MAGIC = 0xbeef_c0de;
const LMDB_DATA_VERSION = 2;
const SMALLEST_PAGE_BYTES = 256;
const LARGEST_PAGE_BYTES = 65_536;
/** A tree without pages. */
const NO_ROOT = 0xffff_ffff_ffff_ffffn;

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  readonly freeRoot: bigint;
  readonly mainRoot: bigint;
}

/**
 * Checks that a `data.mdb` is one, and whole: the size of the file against its meta pages. A file
 * may be longer than they say (pages of a transaction that never was committed), and shorter by
 * pages that its list of free pages holds.
 * @param writing an empty file is then a fine place to begin
 * @throws JournalOpenError with what is wrong, in a sentence
 */
export function checkDataFile(path: string, writing: boolean): void {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    if (size === 0 && writing) return;
    const problem = findProblem(fd, size);
    if (problem === undefined) return;
    throw new JournalOpenError(
      `${path} is not a whole journal: ${problem}; restore the directory from a backup`,
    );
  } finally {
    closeSync(fd);
  }
}

function findProblem(fd: number, sizeBytes: number): string | undefined {
  if (sizeBytes < META_BYTES) return `it has ${sizeBytes} bytes, less than one page`;
  const first = readMeta(fd, 0);
  // Where the first is damaged, the second's place is not known; LMDB would not open it either.
  if (typeof first === 'string') return `its first page is ${first}`;
  if (sizeBytes < META_PAGES * first.pageBytes) {
    return `it has ${sizeBytes} bytes, less than its ${META_PAGES} meta pages`;
  }
  const second = readMeta(fd, first.pageBytes);
  if (typeof second === 'string') return `its second page is ${second}`;
  if (second.pageBytes !== first.pageBytes) return 'its meta pages have two page sizes';
  const meta = second.transaction > first.transaction ? second : first;
  for (const root of [meta.freeRoot, meta.mainRoot]) {
    if (root !== NO_ROOT && (root < META_PAGES || root > meta.lastPage)) {
      return `its meta page points to page ${root} of ${meta.lastPage + 1}`;
    }
  }
  return missingPages(fd, sizeBytes, meta);
}

function missingPages(fd: number, sizeBytes: number, meta: Meta): string | undefined {
  const { pageBytes, lastPage } = meta;
  const wholePages = Math.floor(sizeBytes / pageBytes);
  if (wholePages > lastPage) return undefined;
  const cut = `it has ${sizeBytes} bytes, and its meta page says ${(lastPage + 1) * pageBytes}`;
  const free = freePages(new PageFile(fd, pageBytes, wholePages), meta.freeRoot);
  if (free === undefined) return cut;
  for (let page = wholePages; page <= lastPage; page += 1) if (!free.has(page)) return cut;
  return undefined;
}

function readMeta(fd: number, at: number): Meta | string {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(fd, bytes, 0, META_BYTES, at) !== META_BYTES) return 'cut off';
  if (
    (bytes.readUInt16LE(FLAGS) & PAGE_IS_META) === 0 ||
    bytes.readUInt32LE(MAGIC) !== LMDB_MAGIC
  ) {
    return 'no LMDB meta page';
  }
  const version = bytes.readUInt32LE(VERSION);
  if (version !== LMDB_DATA_VERSION) return `of LMDB data version ${version}`;
  const pageBytes = bytes.readUInt32LE(FREE_PAGE_BYTES);
  const isPower = pageBytes > 0 && (pageBytes & (pageBytes - 1)) === 0;
  if (!isPower || pageBytes < SMALLEST_PAGE_BYTES || pageBytes > LARGEST_PAGE_BYTES) {
    return `of ${pageBytes} bytes, which no page has`;
  }
  const lastPage = bytes.readBigUInt64LE(LAST_PAGE);
  if (lastPage < META_PAGES - 1 || lastPage > Number.MAX_SAFE_INTEGER) {
    return `damaged: page ${lastPage} cannot be the last one`;
  }
  return {
    pageBytes,
    lastPage: Number(lastPage),
    transaction: bytes.readBigUInt64LE(TRANSACTION),
    freeRoot: bytes.readBigUInt64LE(FREE_ROOT),
    mainRoot: bytes.readBigUInt64LE(MAIN_ROOT),
  };
}
