import { IntervalNames } from '../intervals.ts';

export const BYBIT_INTERVALS = new IntervalNames({
  '1m': '1',
  '5m': '5',
  '15m': '15',
  '30m': '30',
  '1h': '60',
  '4h': '240',
  '1d': 'D',
  '1wk': 'W',
  '1mo': 'M',
});
