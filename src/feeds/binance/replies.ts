import { type Static, Type } from 'typebox';
import { replyCheck } from '../rest/reply-check.ts';

const Text = Type.String();
const Time = Type.Number();
/** Binance writes some times as text and some as numbers. */
const AnyTime = Type.Union([Type.Number(), Type.String()]);

/** What is read of the replies of Binance USD-M, https://developers.binance.com. */
export const exchangeInfoReply = replyCheck(
  Type.Object({
    symbols: Type.Array(
      Type.Object({
        symbol: Text,
        status: Text,
        contractType: Type.Optional(Text),
        baseAsset: Text,
        quoteAsset: Text,
        filters: Type.Array(
          Type.Object({
            filterType: Text,
            tickSize: Type.Optional(Text),
            stepSize: Type.Optional(Text),
          }),
        ),
      }),
    ),
  }),
);

/** Twelve places: open time, OHLC, volume, close time, quote volume, trades, what takers bought. */
export const klinesReply = replyCheck(
  Type.Array(Type.Array(Type.Union([Type.Number(), Type.String()]), { minItems: 11 })),
);

export const openInterestReply = replyCheck(
  Type.Object({ symbol: Text, openInterest: Text, time: Time }),
);

export const openInterestHistoryReply = replyCheck(
  Type.Array(
    Type.Object({
      symbol: Text,
      sumOpenInterest: Text,
      sumOpenInterestValue: Text,
      timestamp: AnyTime,
    }),
  ),
);

const PremiumIndex = Type.Object({
  symbol: Text,
  markPrice: Text,
  indexPrice: Text,
  lastFundingRate: Text,
  nextFundingTime: Time,
  time: Time,
});
export type PremiumIndexRow = Static<typeof PremiumIndex>;
export const premiumIndexReply = replyCheck(PremiumIndex);
export const premiumIndexesReply = replyCheck(Type.Array(PremiumIndex));

export const fundingRateReply = replyCheck(
  Type.Array(
    Type.Object({
      symbol: Text,
      fundingTime: Time,
      fundingRate: Text,
      markPrice: Type.Optional(Text),
    }),
  ),
);

export const ticker24hrReply = replyCheck(
  Type.Array(
    Type.Object({
      symbol: Text,
      lastPrice: Text,
      openPrice: Text,
      highPrice: Text,
      lowPrice: Text,
      volume: Text,
      quoteVolume: Text,
      closeTime: Time,
      count: Type.Number(),
    }),
  ),
);

const Level = Type.Array(Text, { minItems: 2 });
export const depthReply = replyCheck(
  Type.Object({
    lastUpdateId: Type.Number(),
    bids: Type.Array(Level),
    asks: Type.Array(Level),
  }),
);
