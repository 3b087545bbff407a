import { IntervalNames } from '../intervals.ts';

export const BINANCE_INTERVALS = new IntervalNames({
  '1m': '1m',
  '5m': '5m',
  '15m': '15m',
  '30m': '30m',
  '1h': '1h',
  '4h': '4h',
  '1d': '1d',
  '1wk': '1w',
  '1mo': '1M',
});
