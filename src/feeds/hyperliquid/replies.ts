import { type Static, Type } from 'typebox';
import { replyCheck } from '../rest/reply-check.ts';

const Text = Type.String();
const Int = Type.Integer();
/** A field that older replies leave out and newer ones may hold `null` in. */
const Maybe = <S extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Boolean>>(
  schema: S,
) => Type.Optional(Type.Union([schema, Type.Null()]));

const Coin = Type.Object({
  name: Text,
  szDecimals: Int,
  isDelisted: Maybe(Type.Boolean()),
});
const Universe = Type.Object({ universe: Type.Array(Coin) });

const Context = Type.Object({
  funding: Text,
  openInterest: Text,
  prevDayPx: Text,
  dayNtlVlm: Text,
  markPx: Text,
  oraclePx: Text,
  midPx: Maybe(Text),
  dayBaseVlm: Maybe(Text),
});

/** What is read of the replies of `POST /info`. */
export const metaAndContextsReply = replyCheck(Type.Tuple([Universe, Type.Array(Context)]));
export type MetaAndContexts = readonly [Static<typeof Universe>, readonly Static<typeof Context>[]];

export const candlesReply = replyCheck(
  Type.Array(
    Type.Object({
      t: Int,
      T: Int,
      s: Text,
      i: Text,
      o: Text,
      h: Text,
      l: Text,
      c: Text,
      v: Text,
      n: Int,
    }),
  ),
);

export const fundingHistoryReply = replyCheck(
  Type.Array(Type.Object({ coin: Text, fundingRate: Text, time: Int })),
);

const Prediction = Type.Object({ fundingRate: Text, nextFundingTime: Int });
/** `[[coin, [[venue, prediction or null], …]], …]` */
export const predictedFundingsReply = replyCheck(
  Type.Array(
    Type.Tuple([Text, Type.Array(Type.Tuple([Text, Type.Union([Prediction, Type.Null()])]))]),
  ),
);
