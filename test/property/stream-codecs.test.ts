import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from 'flatbuffers';
import { Balances } from '../../src/codec/generated/openbell/stream/balances.ts';
import { Body } from '../../src/codec/generated/openbell/stream/body.ts';
import { Fills } from '../../src/codec/generated/openbell/stream/fills.ts';
import { Message } from '../../src/codec/generated/openbell/stream/message.ts';
import { Positions } from '../../src/codec/generated/openbell/stream/positions.ts';
import { CANDLE_INTERVALS } from '../../src/domain/candles.ts';
import type { AccountBalance, AccountPosition } from '../../src/gateway/account.ts';
import type { UserFill } from '../../src/gateway/user-fills.ts';
import { formatScaled } from '../../src/lib/fixed-point.ts';
import { ChannelPosition } from '../../src/projections/channel-position.ts';
import { BinaryOut } from '../../src/surfaces/native/binary-out.ts';
import { balancesReports } from '../../src/surfaces/native/private/balances.ts';
import { fillsReports } from '../../src/surfaces/native/private/fills.ts';
import { positionsReports } from '../../src/surfaces/native/private/positions.ts';
import { jsonOfBinary } from '../support/body-facts.ts';
import { channelEncoders } from '../support/channel-encoders.ts';
import { InstantVenue } from '../support/instant-venue.ts';
import { MarketFlow } from '../support/market-flow.ts';
import { StepClock } from '../support/stream-fakes.ts';

const EPOCH = 7;
const clock = new StepClock();
const venue = new InstantVenue();
const { json, binary } = channelEncoders(EPOCH, clock, venue);
const perpetuals = venue.markets.all.filter(({ assetClass }) => assetClass === 'crypto_perpetual');

/** Both forms of one message, the JSON one without what only it has. */
function both(channel: string, write: 'update' | 'state', marketId: number, variant = 0) {
  const view = venue.views.get(marketId)!;
  const text = Buffer.from(json[write](channel, view, variant)).toString();
  const { type, ...wire } = JSON.parse(text);
  const { type: _, ...read } = jsonOfBinary(binary[write](channel, view, variant), view.market);
  return { type, wire, read };
}

test('candles and tickers: the same facts in both codecs, over generated trades', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...venue.markets.all),
      fc.integer(),
      fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 6 }),
      (market, seed, runs) => {
        const view = venue.views.get(market.id)!;
        const flow = new MarketFlow(market.id, seed);
        flow.seq = view.ticker.seq;
        flow.seconds = Math.max(flow.seconds, view.ticker.updatedSeconds) + 40;
        for (const run of runs) {
          for (let i = 0; i < run; i += 1) {
            flow.step();
            venue.views.apply(flow.views, 0);
          }
          venue.views.settle();
          clock.tick();
          for (const variant of CANDLE_INTERVALS.keys()) {
            const update = both('candles', 'update', market.id, variant);
            assert.deepEqual(update.wire, update.read);
            assert.equal(update.wire.interval, CANDLE_INTERVALS[variant]);
            const open = update.wire.candles.filter(({ closed }: { closed: boolean }) => !closed);
            assert.ok(open.length <= 1);
          }
          const ticker = both('ticker', 'update', market.id);
          assert.deepEqual(ticker.wire, ticker.read);
          if (flow.trades.length > 0) {
            const { priceTicks } = flow.trades.at(-1)!;
            const { tickUnits, priceDecimals } = market;
            const text = formatScaled(priceTicks * tickUnits, priceDecimals, priceDecimals);
            assert.equal(ticker.wire.last_price, text);
          }
          venue.views.clearChanges();
        }
      },
    ),
    { numRuns: 40 },
  );
});

const ppb = fc.integer({ min: -20_000_000, max: 20_000_000 });
const ticks = fc.integer({ min: 0, max: 2_000_000 });
const lots = fc.integer({ min: 1, max: 2 ** 40 });
const second = fc.integer({ min: 1, max: 2 ** 32 - 1 });

test('funding, open interest and liquidations: the same facts in both codecs', () => {
  const fill = fc.record({
    seconds: second,
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
    side: fc.integer({ min: 0, max: 1 }),
    priceTicks: fc.integer({ min: 1, max: 2_000_000 }),
    qtyLots: lots,
    tradeId: fc.integer({ min: 1, max: 2 ** 50 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...perpetuals),
      fc.tuple(ppb, ppb, ticks, ticks, second, lots),
      fc.array(fill, { maxLength: 8 }),
      (market, [rate, predicted, mark, index, next, open], fills) => {
        const { derivatives } = venue.views.get(market.id)!;
        derivatives.fundingRatePpb = rate;
        derivatives.predictedRatePpb = predicted;
        derivatives.markTicks = mark;
        derivatives.indexTicks = index;
        derivatives.nextFundingSeconds = next;
        derivatives.fundingIntervalSeconds = 28_800;
        derivatives.openInterestLots = open;
        derivatives.liquidations.splice(0, Number.POSITIVE_INFINITY, ...fills);
        clock.tick();
        for (const channel of ['funding', 'open_interest', 'liquidations']) {
          const { wire, read } = both(channel, 'update', market.id);
          assert.deepEqual(wire, read);
        }
        const { wire } = both('funding', 'state', market.id);
        assert.equal(Number(wire.rate).toFixed(9), (rate / 1e9).toFixed(9));
      },
    ),
    { numRuns: 100 },
  );
});

const money = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
const anyMarket = fc.constantFrom(...venue.markets.all);

/** Writes a private body and reads it back through the generated code. */
function readBack(write: (out: BinaryOut) => number, bodyType: number): Message {
  const out = new BinaryOut(EPOCH, clock);
  out.begin();
  const body = write(out);
  const bytes = out.finish(0, new ChannelPosition(), bodyType, body, 0);
  return Message.getRootAsMessage(new ByteBuffer(bytes.slice()));
}

test('fills, balances and positions: the same facts in both codecs', () => {
  const fill: fc.Arbitrary<UserFill> = fc.record({
    tradeId: fc.integer({ min: 1, max: 2 ** 50 }),
    orderId: fc.integer({ min: 1, max: 2 ** 50 }),
    market: anyMarket,
    portfolioId: fc.constant(3),
    userId: fc.constant(2),
    side: fc.integer({ min: 0, max: 1 }),
    maker: fc.constantFrom(true, false, null),
    priceTicks: fc.integer({ min: 1, max: 2_000_000 }),
    qtyLots: fc.integer({ min: 1, max: 2 ** 30 }),
    feeUnits: money,
    seconds: second,
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  });
  fc.assert(
    fc.property(fc.array(fill, { minLength: 1, maxLength: 5 }), (fills) => {
      const message = readBack((out) => fillsReports.toBinary(out, 1, 3, fills), Body.Fills);
      const body = message.body(new Fills())!;
      assert.deepEqual(
        [body.kind(), body.portfolioId(), body.fillsLength()],
        [1, 3n, fills.length],
      );
      for (const [i, expected] of fills.entries()) {
        const read = body.fills(i)!;
        const wire = fillsReports.toJson({
          ...expected,
          tradeId: Number(read.tradeId()),
          orderId: Number(read.orderId()),
          market: venue.markets.get(read.marketId())!,
          side: read.side(),
          maker: [false, true, null][read.liquidity()],
          priceTicks: Number(read.priceTicks()),
          qtyLots: Number(read.qtyLots()),
          feeUnits: Number(read.feeUnits()),
          seconds: Number(read.venueTimeNs() / 1_000_000_000n),
          nanos: Number(read.venueTimeNs() % 1_000_000_000n),
        });
        assert.deepEqual(wire, fillsReports.toJson(expected));
      }
    }),
    { numRuns: 60 },
  );
  const balance: fc.Arbitrary<AccountBalance> = fc.record({
    asset: anyMarket.map(({ quote }) => quote),
    totalUnits: money,
    heldUnits: money,
    freeUnits: money,
  });
  fc.assert(
    fc.property(fc.array(balance, { maxLength: 5 }), (balances) => {
      const message = readBack(
        (out) => balancesReports.toBinary(out, 0, 3, balances),
        Body.Balances,
      );
      const body = message.body(new Balances())!;
      const read = Array.from({ length: body.balancesLength() }, (_, i): AccountBalance => {
        const each = body.balances(i)!;
        return {
          asset: { name: each.asset()!, decimals: each.decimals() },
          totalUnits: Number(each.totalUnits()),
          heldUnits: Number(each.heldUnits()),
          freeUnits: Number(each.freeUnits()),
        };
      });
      assert.deepEqual(read.map(balancesReports.toJson), balances.map(balancesReports.toJson));
    }),
    { numRuns: 60 },
  );
});

test('positions: the same facts in both codecs', () => {
  const position: fc.Arbitrary<AccountPosition> = fc.record({
    positionId: fc.constant(null),
    market: anyMarket,
    qtyLots: fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
    costUnits: money,
    realisedUnits: money,
    feeUnits: money,
    fundingUnits: money,
    priceTicks: ticks,
    unrealisedUnits: money,
    leverage: fc.integer({ min: 1, max: 100 }),
    initialMarginUnits: money,
    maintenanceMarginUnits: money,
    liquidationTicks: fc.constantFrom(null, 1, 77_777),
  });
  fc.assert(
    fc.property(fc.array(position, { maxLength: 5 }), (positions) => {
      const message = readBack(
        (out) => positionsReports.toBinary(out, 1, 3, positions),
        Body.Positions,
      );
      const body = message.body(new Positions())!;
      const read = Array.from({ length: body.positionsLength() }, (_, i): AccountPosition => {
        const each = body.positions(i)!;
        return {
          positionId: null,
          market: venue.markets.get(each.marketId())!,
          qtyLots: Number(each.qtyLots()),
          costUnits: Number(each.costUnits()),
          realisedUnits: Number(each.realisedUnits()),
          feeUnits: Number(each.feeUnits()),
          fundingUnits: Number(each.fundingUnits()),
          priceTicks: Number(each.markPriceTicks()),
          unrealisedUnits: Number(each.unrealisedUnits()),
          leverage: each.leverage(),
          initialMarginUnits: Number(each.initialMarginUnits()),
          maintenanceMarginUnits: Number(each.maintenanceMarginUnits()),
          liquidationTicks: Number(each.liquidationPriceTicks()) || null,
        };
      });
      assert.deepEqual(read.map(positionsReports.toJson), positions.map(positionsReports.toJson));
    }),
    { numRuns: 60 },
  );
});
