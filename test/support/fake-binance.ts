import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

const MINUTE_MS = 60_000;
const PERIODS: Readonly<Record<string, number>> = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '4h': 240 * MINUTE_MS,
  '1d': 1440 * MINUTE_MS,
};
const DECIMALS: Readonly<Record<string, number>> = { BTCUSDT: 1, ETHUSDT: 2, SOLUSDT: 2 };
const STEPS: Readonly<Record<string, string>> = {
  BTCUSDT: '0.001',
  ETHUSDT: '0.001',
  SOLUSDT: '0.1',
};

interface Minute {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quote: number;
  trades: number;
}

interface FakeMarket {
  readonly symbol: string;
  readonly bids: Map<string, string>;
  readonly asks: Map<string, string>;
  readonly minutes: Map<number, Minute>;
  updateId: number;
  tradeId: number;
}

type Query = URLSearchParams;

/**
 * Binance's USD-M futures as a server of a test: the same paths, messages and replies, with a market
 * that does what the test says. It can die, stay silent, and come back where it was.
 */
export class FakeBinance {
  /** Requests over HTTP, by path. */
  readonly requests = new Map<string, number>();
  openInterest = '81234.567';
  private readonly markets = new Map<string, FakeMarket>();
  private readonly sockets = new Map<WebSocket, Set<string>>();
  private readonly connections = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  static async start(symbols: readonly string[] = Object.keys(DECIMALS)): Promise<FakeBinance> {
    const fake = new FakeBinance(symbols);
    await fake.listen();
    return fake;
  }

  private constructor(symbols: readonly string[]) {
    for (const symbol of symbols) {
      this.markets.set(symbol, {
        symbol,
        bids: new Map([[priceText(symbol, 65_000), '2.000']]),
        asks: new Map([[priceText(symbol, 65_001), '3.000']]),
        minutes: new Map(),
        updateId: 1_000,
        tradeId: 500,
      });
    }
  }

  /** Settings of a server that follows it. */
  get env(): Record<string, string> {
    return {
      OPENBELL_BINANCE_REST_URL: `http://127.0.0.1:${this.port}`,
      OPENBELL_BINANCE_SOCKET_URL: `ws://127.0.0.1:${this.port}`,
    };
  }

  get subscriptions(): number {
    return [...this.sockets.values()].reduce((sum, streams) => sum + streams.size, 0);
  }

  /** Nobody answers any more, and every connection breaks off. */
  async die(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets.keys()) socket.terminate();
    this.sockets.clear();
    for (const connection of this.connections) connection.destroy();
    await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
  }

  /** Answers again, at the same address. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => this.answer(request, response));
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => {
      const streams = new Set<string>();
      this.sockets.set(socket, streams);
      socket.on('message', (data) => {
        const { params, id } = JSON.parse(String(data)) as { params: string[]; id: number };
        for (const stream of params) streams.add(stream);
        socket.send(JSON.stringify({ result: null, id }));
      });
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    server.on('connection', (connection) => {
      this.connections.add(connection);
      connection.on('close', () => this.connections.delete(connection));
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Puts a level into the book and tells of it; quantity 0 takes it out. @param skip leaves a gap */
  level(symbol: string, side: 'bid' | 'ask', price: number, qty: number, skip = 0): void {
    const market = this.market(symbol);
    const levels = side === 'bid' ? market.bids : market.asks;
    const text = priceText(symbol, price);
    if (qty === 0) levels.delete(text);
    else levels.set(text, qty.toFixed(3));
    const pu = market.updateId + skip;
    market.updateId = pu + 1;
    const change = [[text, qty.toFixed(3)]];
    const nowMs = Date.now();
    this.send(`${symbol.toLowerCase()}@depth@100ms`, {
      e: 'depthUpdate',
      E: nowMs,
      T: nowMs,
      s: symbol,
      U: pu + 1,
      u: pu + 1,
      pu,
      b: side === 'bid' ? change : [],
      a: side === 'ask' ? change : [],
    });
  }

  trade(symbol: string, price: number, qty: number, isSell = false, timeMs = Date.now()): void {
    const market = this.market(symbol);
    market.tradeId += 1;
    enter(market.minutes, timeMs, price, qty);
    this.send(`${symbol.toLowerCase()}@trade`, {
      e: 'trade',
      E: timeMs,
      T: timeMs,
      s: symbol,
      t: market.tradeId,
      p: priceText(symbol, price),
      q: qty.toFixed(3),
      X: 'MARKET',
      m: isSell,
    });
  }

  mark(symbol: string, price: string, rate: string, nextFundingMs: number): void {
    this.send(`${symbol.toLowerCase()}@markPrice@1s`, {
      e: 'markPriceUpdate',
      E: Date.now(),
      s: symbol,
      p: price,
      i: price,
      P: price,
      r: rate,
      T: nextFundingMs,
    });
  }

  liquidate(symbol: string, side: 'BUY' | 'SELL', price: string, qty: string): void {
    const T = Date.now();
    const o = { s: symbol, S: side, o: 'LIMIT', f: 'IOC', q: qty, p: price, ap: price };
    this.send(`${symbol.toLowerCase()}@forceOrder`, {
      e: 'forceOrder',
      E: T,
      o: { ...o, X: 'FILLED', l: qty, z: qty, T },
    });
  }

  /** What it would tell of a minute over REST. */
  kline(symbol: string, interval: string, startMs: number): (string | number)[] | undefined {
    return this.klines(symbol, interval, startMs, startMs, 1).at(0);
  }

  private send(stream: string, data: object): void {
    const text = JSON.stringify({ stream, data });
    for (const [socket, streams] of this.sockets) if (streams.has(stream)) socket.send(text);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    this.requests.set(pathname, (this.requests.get(pathname) ?? 0) + 1);
    const body = this.reply(pathname, searchParams);
    response.writeHead(body === undefined ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { code: -1121, msg: 'Invalid symbol.' }));
  }

  private reply(path: string, query: Query): unknown {
    const symbol = query.get('symbol') ?? '';
    const isKnown = this.markets.has(symbol);
    switch (path) {
      case '/fapi/v1/exchangeInfo':
        return { symbols: [...this.markets.keys()].map(instrument) };
      case '/fapi/v1/ticker/24hr':
        return [...this.markets.keys()].map((one) => this.day(one));
      case '/fapi/v1/premiumIndex':
        if (symbol === '') return [...this.markets.keys()].map(premium);
        return isKnown ? premium(symbol) : undefined;
      case '/fapi/v1/depth':
        return isKnown ? this.depth(symbol) : undefined;
      case '/fapi/v1/klines':
        return isKnown ? this.askedKlines(symbol, query) : undefined;
      case '/fapi/v1/openInterest':
        return isKnown ? { symbol, openInterest: this.openInterest, time: Date.now() } : undefined;
      case '/futures/data/openInterestHist':
        return isKnown ? interestHistory(symbol, query) : undefined;
      case '/fapi/v1/fundingRate':
        return isKnown ? fundingHistory(symbol, Number(query.get('limit') ?? 100)) : undefined;
      default:
        return undefined;
    }
  }

  private depth(symbol: string): object {
    const { updateId, bids, asks } = this.market(symbol);
    return {
      lastUpdateId: updateId,
      E: Date.now(),
      T: Date.now(),
      bids: [...bids],
      asks: [...asks],
    };
  }

  private day(symbol: string): object {
    return {
      symbol,
      priceChange: '100.0',
      priceChangePercent: '0.154',
      weightedAvgPrice: '65000.0',
      lastPrice: '65000.0',
      lastQty: '0.100',
      openPrice: '64900.0',
      highPrice: '65500.0',
      lowPrice: '64100.0',
      volume: '1234.567',
      quoteVolume: '80246855.00',
      openTime: Date.now() - 86_400_000,
      closeTime: Date.now(),
      firstId: 1,
      lastId: this.market(symbol).tradeId,
      count: 4321,
    };
  }

  private askedKlines(symbol: string, query: Query): (string | number)[][] {
    const interval = query.get('interval') ?? '1m';
    const limit = Number(query.get('limit') ?? 500);
    const periodMs = PERIODS[interval] ?? 7 * PERIODS['1d'];
    const endMs = Math.min(Number(query.get('endTime') ?? Date.now()), Date.now());
    const newestMs = endMs - (endMs % periodMs);
    const startText = query.get('startTime');
    const fromMs = startText === null ? newestMs - (limit - 1) * periodMs : Number(startText);
    const firstMs = Math.ceil(fromMs / periodMs) * periodMs;
    return this.klines(symbol, interval, firstMs, newestMs, limit);
  }

  /** Every minute before the first trade has one fill of its own, by its number. */
  private klines(
    symbol: string,
    interval: string,
    firstMs: number,
    lastMs: number,
    limit: number,
  ): (string | number)[][] {
    const periodMs = PERIODS[interval] ?? 7 * PERIODS['1d'];
    const rows: (string | number)[][] = [];
    for (let at = firstMs; at <= lastMs && rows.length < limit; at += periodMs) {
      const bar = this.bar(symbol, at, Math.min(at + periodMs, at + MINUTE_MS * 2));
      const price = (value: number) => priceText(symbol, value);
      const { open, high, low, close, volume, quote, trades } = bar;
      rows.push([
        ...[at, price(open), price(high), price(low), price(close), volume.toFixed(3)],
        ...[at + periodMs - 1, quote.toFixed(4), trades, '0', '0', '0'],
      ]);
    }
    return rows;
  }

  private bar(symbol: string, fromMs: number, toMs: number): Minute {
    const { minutes } = this.market(symbol);
    let sum: Minute | undefined;
    for (let at = fromMs; at < toMs; at += MINUTE_MS) {
      const one = minutes.get(at) ?? (minutes.size === 0 ? past(at) : undefined);
      if (one === undefined) continue;
      sum = sum === undefined ? { ...one } : merged(sum, one);
    }
    return sum ?? past(fromMs);
  }

  private market(symbol: string): FakeMarket {
    const market = this.markets.get(symbol);
    if (market === undefined) throw new Error(`there is no ${symbol}`);
    return market;
  }
}

function priceText(symbol: string, price: number): string {
  return price.toFixed(DECIMALS[symbol] ?? 2);
}

function past(atMs: number): Minute {
  const price = 64_000 + ((atMs / MINUTE_MS) % 500);
  const fill = { open: price, high: price, low: price, close: price };
  const volume = 1 + ((atMs / MINUTE_MS) % 7) / 10;
  return { ...fill, volume, quote: price * volume, trades: 1 };
}

function enter(minutes: Map<number, Minute>, timeMs: number, price: number, qty: number): void {
  const at = timeMs - (timeMs % MINUTE_MS);
  const fill = { open: price, high: price, low: price, close: price };
  const one = { ...fill, volume: qty, quote: price * qty, trades: 1 };
  const before = minutes.get(at);
  minutes.set(at, before === undefined ? one : merged(before, one));
}

function merged(a: Minute, b: Minute): Minute {
  return {
    open: a.open,
    high: Math.max(a.high, b.high),
    low: Math.min(a.low, b.low),
    close: b.close,
    volume: a.volume + b.volume,
    quote: a.quote + b.quote,
    trades: a.trades + b.trades,
  };
}

function instrument(symbol: string): object {
  const tickSize = (10 ** -(DECIMALS[symbol] ?? 2)).toFixed(DECIMALS[symbol] ?? 2);
  return {
    symbol,
    status: 'TRADING',
    contractType: 'PERPETUAL',
    baseAsset: symbol.slice(0, -4),
    quoteAsset: 'USDT',
    filters: [
      { filterType: 'PRICE_FILTER', tickSize },
      { filterType: 'LOT_SIZE', stepSize: STEPS[symbol] ?? '0.001' },
    ],
  };
}

function premium(symbol: string): object {
  const nowMs = Date.now();
  return {
    symbol,
    markPrice: '65000.50000000',
    indexPrice: '65001.00000000',
    estimatedSettlePrice: '65001.00000000',
    lastFundingRate: '0.00010000',
    interestRate: '0.00010000',
    nextFundingTime: nowMs - (nowMs % 28_800_000) + 28_800_000,
    time: nowMs,
  };
}

function interestHistory(symbol: string, query: Query): object[] {
  const periodMs = 300_000;
  const limit = Number(query.get('limit') ?? 30);
  const newestMs = Date.now() - (Date.now() % periodMs);
  return Array.from({ length: limit }, (_, i) => ({
    symbol,
    sumOpenInterest: `${80_000 + ((i * 37) % 50)}.123`,
    sumOpenInterestValue: `${5_200_000_000 + i}.5`,
    timestamp: newestMs - (limit - 1 - i) * periodMs,
  }));
}

function fundingHistory(symbol: string, limit: number): object[] {
  const newestMs = Date.now() - (Date.now() % 28_800_000);
  return Array.from({ length: limit }, (_, i) => ({
    symbol,
    fundingTime: newestMs - (limit - 1 - i) * 28_800_000,
    fundingRate: '0.00010000',
    markPrice: '64000.00000000',
  }));
}
