import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import type { Venue } from '../../../gateway/venue.ts';
import { absentChannel } from './absent.ts';
import { bboChannel } from './bbo.ts';
import { bookChannel } from './book.ts';
import { candlesChannel } from './candles.ts';
import type { MarketChannel } from './channel.ts';
import { featuresChannel } from './features.ts';
import { fundingChannel } from './funding.ts';
import { liquidationsChannel } from './liquidations.ts';
import { openInterestChannel } from './open-interest.ts';
import { ordersBookChannel } from './orders-book.ts';
import { tickerChannel } from './ticker.ts';
import { tradesChannel } from './trades.ts';

/** What channels ask of the venue beside the view that is published. */
export type ChannelVenue = Pick<Venue, 'candleSeries' | 'statistics'>;

/** Every channel of market data, in the order in which a drain's messages go out. */
export function marketChannels(venue: ChannelVenue): MarketChannel[] {
  return [
    bookChannel(),
    ordersBookChannel(),
    tradesChannel(),
    bboChannel(),
    candlesChannel(venue),
    tickerChannel(venue),
    liquidationsChannel(),
    fundingChannel(),
    openInterestChannel(),
    featuresChannel(),
    absentChannel('predictions', Channel.Predictions, {
      code: 'MODEL_UNAVAILABLE',
      message: 'no model is loaded',
    }),
  ];
}
