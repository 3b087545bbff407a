import type { TSchema } from 'typebox';
import { TakashiError } from '../../../schemas/errors.ts';
import { ActionPing, Pong, TypePing } from '../../../schemas/socket-messages.ts';
import {
  FormatQuery,
  LargeTradeMessage,
  LiquidationMessage,
  MinimumQuery,
  OhlcModel,
  OhlcStreamQuery,
  OiSpikeMessage,
  TimeframesQuery,
} from '../../../schemas/takashi.ts';
import type { SocketMessage, SocketPath } from '../../gateway/streams/socket-path.ts';

/** What a WebSocket path of this surface is, for clients and for the code that serves it. */
export interface TakashiSocket extends SocketPath {
  readonly query: TSchema;
  /** One message. */
  readonly message: TSchema;
  /** Defaults of query parameters. */
  readonly defaults: Readonly<Record<string, string | number>>;
}

const TAKES = [
  { name: 'ping', summary: 'Ask whether the server lives', schema: TypePing },
  { name: 'pingAction', summary: 'The same', schema: ActionPing },
];

/** A path's own message, and what comes on all of them. */
function sends(name: string, summary: string, schema: TSchema): SocketMessage[] {
  return [
    { name, summary, schema },
    { name: 'pong', summary: 'Answers a ping', schema: Pong },
    { name: 'error', summary: 'A mistake in the address or in a message', schema: TakashiError },
  ];
}

/** The address says all that is asked for: anyone may listen, and say no more than `ping`. */
const OPEN = {
  auth: 'public',
  requests: [{ type: 'ping' }, { action: 'ping' }],
  takes: TAKES,
} as const;

/** Every WebSocket path of this surface; `/ws-catalog` lists them. */
export const SOCKETS = {
  ohlc: {
    ...OPEN,
    name: 'takashi_ohlc',
    path: '/ws/{exchange}/{symbol}/ohlc',
    example: '/ws/binance/BTCUSDT/ohlc',
    summary: 'Candles of one market as they change and when they end',
    query: OhlcStreamQuery,
    message: OhlcModel,
    sends: sends('candle', 'A candle', OhlcModel),
    defaults: { interval: '1m' },
  },
  largeTrades: {
    ...OPEN,
    name: 'takashi_large_trades',
    path: '/ws/{exchange}/{symbol}/large_trades',
    example: '/ws/bybit/ETHUSDT/large_trades',
    summary: 'Large trades of one market: what one aggressor took at once',
    query: MinimumQuery,
    message: LargeTradeMessage,
    sends: sends('largeTrade', 'A large trade', LargeTradeMessage),
    defaults: { min_value_usd: 100_000 },
  },
  liquidations: {
    ...OPEN,
    name: 'takashi_liquidations',
    path: '/ws/{exchange}/{symbol}/liquidations',
    example: '/ws/binance/BTC/liquidations',
    summary: 'Liquidations of one market; Hyperliquid tells none',
    query: FormatQuery,
    message: LiquidationMessage,
    sends: sends('liquidation', 'A liquidation', LiquidationMessage),
    defaults: {},
  },
  allLiquidations: {
    ...OPEN,
    name: 'takashi_all_liquidations',
    path: '/ws/all/liquidations',
    summary: 'Liquidations of every market of the exchanges that tell them',
    query: MinimumQuery,
    message: LiquidationMessage,
    sends: sends('liquidation', 'A liquidation', LiquidationMessage),
    defaults: { min_value_usd: 5_000 },
  },
  allLargeTrades: {
    ...OPEN,
    name: 'takashi_all_large_trades',
    path: '/ws/all/large_trades',
    summary: 'Large trades of every market',
    query: MinimumQuery,
    message: LargeTradeMessage,
    sends: sends('largeTrade', 'A large trade', LargeTradeMessage),
    defaults: { min_value_usd: 100_000 },
  },
  oiVol: {
    ...OPEN,
    name: 'takashi_oi_vol',
    path: '/ws/oi-vol',
    example: '/ws/oi-vol?timeframes=5m',
    summary: 'Open interest that grew out of the ordinary, on Binance, when a bar has ended',
    query: TimeframesQuery,
    message: OiSpikeMessage,
    sends: sends('oiSpike', 'Open interest out of the ordinary', OiSpikeMessage),
    defaults: { timeframes: '5m,15m,1h' },
  },
} as const satisfies Record<string, TakashiSocket>;
