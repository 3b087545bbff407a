/** What a line of a recording of raw frames holds. */
export type RawLine =
  | { readonly kind: 'frame'; readonly text: string; readonly receivedMs: number }
  /** A book that was fetched over HTTP beside the frames. */
  | {
      readonly kind: 'snapshot';
      readonly symbol: string;
      readonly text: string;
      readonly receivedMs: number;
    };

const MS_DIGITS = 13;

/** Writes a frame as `openbell record --exchange` does: when it arrived, nanoseconds, and its text. */
export function writeRawLine(receivedMs: number, text: string): string {
  const ms = Math.floor(receivedMs);
  const nanos = Math.round((receivedMs - ms) * 1e6);
  return `${ms}${String(nanos).padStart(6, '0')} ${text}\n`;
}

/**
 * Reads a line `<receive time> <frame>`, or one of cryptofeed's recordings; `undefined` for lines that
 * tell of connections and of requests that are no books. Receive times are nano-, micro- or
 * milliseconds since the Unix epoch.
 */
export function readRawLine(line: string): RawLine | undefined {
  if (line.startsWith('{')) return cryptofeedLine(line);
  const space = line.indexOf(' ');
  const digits = line.slice(0, space);
  if (space < MS_DIGITS || !/^\d+$/.test(digits)) return undefined;
  const receivedMs = Number(digits.slice(0, MS_DIGITS));
  return { kind: 'frame', text: line.slice(space + 1), receivedMs };
}

function cryptofeedLine(line: string): RawLine | undefined {
  const { t, ts, url, data } = JSON.parse(line) as {
    readonly t?: string;
    readonly ts?: number;
    readonly url?: string;
    readonly data?: string;
  };
  if (data === undefined || ts === undefined) return undefined;
  const receivedMs = ts * 1000;
  if (t === 'recv') return { kind: 'frame', text: data, receivedMs };
  if (t !== 'http' || url === undefined || !url.includes('/depth')) return undefined;
  const symbol = new URL(url).searchParams.get('symbol');
  return symbol === null ? undefined : { kind: 'snapshot', symbol, text: data, receivedMs };
}

/** Decimals of prices and of quantities that the texts of a recording need, by symbol. */
export class GridScan {
  private readonly found = new Map<string, { price: number; qty: number }>();

  /** Looks at one frame. Numbers are taken for those of the first symbol that it names. */
  look(text: string, symbolHint?: string): void {
    const symbol = symbolHint ?? symbolIn(text);
    if (symbol === undefined) return;
    const grid = this.found.get(symbol) ?? { price: 0, qty: 0 };
    this.found.set(symbol, grid);
    for (const [, price, qty] of text.matchAll(/\["([\d.]+)","([\d.]+)"/g)) {
      grid.price = Math.max(grid.price, decimalsOf(price));
      grid.qty = Math.max(grid.qty, decimalsOf(qty));
    }
    for (const [, name, value] of text.matchAll(/"(px|sz|p|q|b|a|B|A|v)":"([\d.]+)"/g)) {
      if (text.includes('24hrTicker') || text.includes('markPrice')) break;
      const kind = ['px', 'p', 'b', 'a'].includes(name) ? 'price' : 'qty';
      grid[kind] = Math.max(grid[kind], decimalsOf(value));
    }
  }

  grids(): { symbol: string; priceDecimals: number; qtyDecimals: number }[] {
    return [...this.found].map(([symbol, { price, qty }]) => ({
      symbol,
      priceDecimals: price,
      qtyDecimals: qty,
    }));
  }
}

function symbolIn(text: string): string | undefined {
  const [, symbol] = /"(?:s|symbol|coin)":"([^"]+)"/.exec(text) ?? [];
  return symbol;
}

/** Without zeros at the end. */
function decimalsOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.replace(/0+$/, '').length - point - 1;
}
