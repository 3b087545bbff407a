import { createRequire } from 'node:module';

// Loaded when it is needed, and without its declarations: compiling these takes longer than all of ours.
const require = createRequire(import.meta.url);

/** As much of a CCXT exchange as tests and benches use; its own declarations are enormous. */
export interface CcxtExchange {
  loadHttpProxyAgent(): Promise<unknown>;
  loadMarkets(): Promise<Record<string, CcxtMarket>>;
  watchOrderBook(symbol: string, limit?: number): Promise<CcxtBook>;
  watchTrades(symbol: string): Promise<readonly CcxtTrade[]>;
  watchTradesForSymbols(symbols: readonly string[]): Promise<readonly CcxtTrade[]>;
  watchOHLCV(symbol: string, interval: string): Promise<readonly number[][]>;
  fetchOHLCV(symbol: string, interval: string, since?: number, limit?: number): Promise<number[][]>;
  fetchOpenInterest(symbol: string): Promise<CcxtInterest>;
  fetchOpenInterestHistory(symbol: string, interval: string): Promise<readonly CcxtInterest[]>;
  fetchFundingRate(symbol: string): Promise<CcxtFunding>;
  fetchFundingRates(symbols?: readonly string[]): Promise<Record<string, CcxtFunding>>;
  fetchFundingRateHistory(symbol: string): Promise<readonly CcxtPayment[]>;
  fetchTickers(symbols?: readonly string[]): Promise<Record<string, CcxtTicker>>;
  close(): Promise<void>;
  readonly orderbooks: Record<string, CcxtBook | undefined>;
  readonly trades: Record<string, readonly CcxtTrade[] | undefined>;
  readonly ohlcvs: Record<string, Record<string, readonly number[][] | undefined> | undefined>;
}

export interface CcxtMarket {
  readonly id: string;
  readonly base: string;
  readonly active: boolean;
  readonly contractSize: number;
  readonly inverse: boolean;
  readonly precision: { readonly price: number; readonly amount: number };
}
export interface CcxtBook {
  readonly bids: readonly (readonly number[])[];
  readonly asks: readonly (readonly number[])[];
}
export interface CcxtTrade {
  readonly id: string;
  readonly side: string;
  readonly price: number;
  readonly amount: number;
  readonly timestamp: number;
}
export interface CcxtInterest {
  readonly openInterestAmount: number;
  readonly openInterestValue?: number;
  readonly timestamp: number;
}
export interface CcxtFunding {
  readonly fundingRate: number;
  readonly markPrice: number;
  readonly indexPrice: number;
  readonly fundingTimestamp?: number;
}
export interface CcxtPayment {
  readonly fundingRate: number;
  readonly timestamp: number;
}
export interface CcxtTicker {
  readonly last?: number;
  readonly open?: number;
  readonly high?: number;
  readonly low?: number;
  readonly baseVolume?: number;
  readonly quoteVolume?: number;
}

interface Endpoints {
  readonly rest: string;
  readonly socket: string;
}

type Make = new (options: object) => CcxtExchange;

const OPTIONS: Readonly<Record<string, (urls: Endpoints) => object>> = {
  binanceusdm: ({ rest, socket }) => ({
    urls: {
      api: {
        fapiPublic: `${rest}/fapi/v1`,
        fapiData: `${rest}/futures/data`,
        ws: { future: `${socket}/ws` },
      },
    },
  }),
  bybit: ({ rest, socket }) => ({
    options: { fetchMarkets: { types: ['linear'], options: [] } },
    urls: {
      api: {
        public: rest,
        private: rest,
        ws: { public: { linear: `${socket}/v5/public/linear` } },
      },
    },
  }),
  hyperliquid: ({ rest, socket }) => ({
    options: { fetchMarkets: { types: ['swap'] } },
    urls: { api: { public: rest, private: rest, ws: { public: `${socket}/ws` } } },
  }),
  okx: ({ rest, socket }) => ({
    options: { fetchMarkets: { types: ['swap'] } },
    urls: { api: { rest, ws: `${socket}/ws/v5` } },
  }),
};

/** A client of CCXT pro, unmodified, that takes an address here for the exchange. */
export async function openCcxt(name: string, urls: Endpoints): Promise<CcxtExchange> {
  const { pro } = require('ccxt') as { pro: Record<string, Make> };
  // Its own pace is meant for real exchanges.
  const exchange = new pro[name]({ enableRateLimit: false, ...OPTIONS[name](urls) });
  // Without it CCXT has no agent for `ws:` addresses.
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  return exchange;
}
