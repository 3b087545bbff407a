import WebSocket from 'ws';
import { openVenue, systemTimers } from '../../src/feeds/open-venue.ts';
import { type CcxtTrade, openCcxt } from '../../test/support/ccxt.ts';
import { percentile } from '../support/result.ts';

/** Whose client this process is. */
export type FeedsPeer = 'openbell' | 'bare' | 'ccxt';

export interface FeedsJob {
  readonly peer: FeedsPeer;
  readonly endpoints: { readonly rest: string; readonly socket: string };
  readonly symbols: readonly string[];
  /** Trades that will come. */
  readonly trades: number;
}

export interface FeedsReport {
  readonly delivered: number;
  /** Of one core, from the first trade to the last. */
  readonly cpuShare: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
}

/** Microseconds since the epoch: the id of a trade is the moment at which it was sent. */
function nowMicros(): number {
  return (performance.timeOrigin + performance.now()) * 1000;
}

/** Notes every trade, and reports when the last has come or none came for a while. */
class Tally {
  private readonly lagsMs: number[] = [];
  private readonly expected: number;
  private cpu = process.cpuUsage();
  private firstMs = 0;
  private lastMs = 0;

  constructor(expected: number) {
    this.expected = expected;
  }

  note(tradeId: number): void {
    if (this.lagsMs.length === 0) {
      this.cpu = process.cpuUsage();
      this.firstMs = performance.now();
    }
    this.lagsMs.push((nowMicros() - tradeId) / 1000);
    this.lastMs = performance.now();
    if (this.lagsMs.length === this.expected) this.report();
  }

  /** What has come so far is all there will be. */
  report(): void {
    const { user, system } = process.cpuUsage(this.cpu);
    const report: FeedsReport = {
      delivered: this.lagsMs.length,
      cpuShare: (user + system) / 1000 / (this.lastMs - this.firstMs),
      lagP50Ms: percentile(this.lagsMs, 0.5),
      lagP99Ms: percentile(this.lagsMs, 0.99),
    };
    process.send?.(report);
  }
}

const PEERS: Readonly<Record<FeedsPeer, (job: FeedsJob, tally: Tally) => Promise<void>>> = {
  openbell: async ({ endpoints, symbols }, tally) => {
    const grid = { tickUnits: 1, priceDecimals: 2, lotUnits: 1, qtyDecimals: 3 };
    openVenue({
      venue: 'binance',
      endpoints,
      grids: new Map(symbols.map((symbol) => [symbol, grid])),
      subscriptions: symbols.map((symbol) => ({ channel: 'trades', symbol })),
      sink: { record: (record) => record.kind === 'trade' && tally.note(Number(record.tradeId)) },
      timers: systemTimers,
      random: () => 0.5,
    }).start();
  },
  bare: async ({ endpoints, symbols }, tally) => {
    const socket = new WebSocket(`${endpoints.socket}/public/stream`, { perMessageDeflate: false });
    socket.on('message', (data) => {
      const { data: event } = JSON.parse(String(data)) as { data?: { t: number } };
      if (event !== undefined) tally.note(event.t);
    });
    socket.on('open', () => {
      const params = symbols.map((symbol) => `${symbol.toLowerCase()}@trade`);
      socket.send(JSON.stringify({ method: 'SUBSCRIBE', params, id: 1 }));
    });
  },
  ccxt: async ({ endpoints, symbols }, tally) => {
    const exchange = await openCcxt('binanceusdm', endpoints);
    const theirs = symbols.map((symbol) => `${symbol.slice(0, -4)}/USDT:USDT`);
    void (async () => {
      for (;;) {
        const trades: readonly CcxtTrade[] = await exchange.watchTradesForSymbols(theirs);
        for (const { id } of trades) tally.note(Number(id));
      }
    })();
  },
};

let tally: Tally | undefined;
process.on('message', (message: FeedsJob | 'end') => {
  if (message === 'end') {
    tally?.report();
    return;
  }
  tally = new Tally(message.trades);
  void PEERS[message.peer](message, tally);
});
