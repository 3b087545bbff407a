import { type Static, type TSchema, Type } from 'typebox';
import { replyCheck } from '../rest/reply-check.ts';
import { failure, type RestFailure } from '../rest/result.ts';

const Text = Type.String();

/** Bybit wraps everything, errors as well, and answers 200 to both. */
function envelope<S extends TSchema>(row: S) {
  return Type.Object({
    retCode: Type.Integer(),
    retMsg: Type.String(),
    // An error comes with an empty result.
    result: Type.Object({
      list: Type.Optional(Type.Array(row)),
      nextPageCursor: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    }),
    time: Type.Number(),
  });
}

const InstrumentRow = Type.Object({
  symbol: Text,
  status: Text,
  baseCoin: Text,
  quoteCoin: Text,
  contractType: Type.Optional(Text),
  priceFilter: Type.Object({ tickSize: Text }),
  lotSizeFilter: Type.Object({ qtyStep: Text }),
});
export const instrumentsReply = replyCheck(envelope(InstrumentRow));

/** Start, OHLC, volume, turnover, all as text, the newest first. */
export const klineReply = replyCheck(envelope(Type.Array(Text, { minItems: 7 })));

const InterestRow = Type.Object({ openInterest: Text, timestamp: Text });
export const openInterestReply = replyCheck(envelope(InterestRow));

const FundingRow = Type.Object({ symbol: Text, fundingRate: Text, fundingRateTimestamp: Text });
export const fundingHistoryReply = replyCheck(envelope(FundingRow));

const TickerRow = Type.Object({
  symbol: Text,
  lastPrice: Text,
  indexPrice: Text,
  markPrice: Text,
  prevPrice24h: Text,
  highPrice24h: Text,
  lowPrice24h: Text,
  openInterest: Text,
  openInterestValue: Text,
  turnover24h: Text,
  volume24h: Text,
  fundingRate: Text,
  nextFundingTime: Text,
});
export const tickersReply = replyCheck(envelope(TickerRow));
export type BybitTicker = Static<typeof TickerRow>;

const TOO_MANY_VISITS = 10_006;
const IP_LIMIT = 10_018;
const PARAMETERS = 10_001;

export function refusalIn(reply: {
  readonly retCode: number;
  readonly retMsg: string;
}): RestFailure | undefined {
  const { retCode, retMsg } = reply;
  if (retCode === 0) return undefined;
  const detail = `${retCode}: ${retMsg}`;
  if (retCode === TOO_MANY_VISITS || retCode === IP_LIMIT) return failure('RATE_LIMITED', detail);
  if (retCode === PARAMETERS) return failure('REFUSED', detail);
  return failure('VENUE_ERROR', detail);
}
