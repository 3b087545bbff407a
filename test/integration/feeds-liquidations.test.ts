import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decimalToNumber } from '../../src/feeds/decimal.ts';
import type { FeedSide, LiquidationRecord, VenueName } from '../../src/feeds/normalised.ts';
import { openVenue, systemTimers } from '../../src/feeds/open-venue.ts';
import { CENTS, until } from '../support/feed-scene.ts';
import { ReplayBinance } from '../support/replay-venues/binance.ts';
import { ReplayBybit } from '../support/replay-venues/bybit.ts';
import { ReplayOkx } from '../support/replay-venues/okx.ts';
import type { ReplayServer } from '../support/replay-venues/server.ts';

const STORM = 3_000;

interface Told {
  /** Of the position that was closed. */
  readonly position: 'long' | 'short';
  readonly price: string;
  readonly qty: string;
  readonly timeMs: number;
}

/** Different ones, so that none can stand for another. */
const TOLD: readonly Told[] = Array.from({ length: STORM }, (_, i) => ({
  position: i % 3 === 0 ? 'short' : 'long',
  price: (60_000 + i / 10).toFixed(1),
  qty: ((i % 997) + 1).toString(),
  timeMs: 1_700_000_000_000 + i,
}));

async function hear(
  venue: VenueName,
  server: ReplayServer,
  symbol: string,
  asked: string,
  burst: () => void,
): Promise<LiquidationRecord[]> {
  const heard: LiquidationRecord[] = [];
  const connector = openVenue({
    venue,
    endpoints: server.endpoints,
    grids: new Map([[symbol, CENTS]]),
    subscriptions: [{ channel: 'liquidations', symbol: asked }],
    sink: { record: (record) => record.kind === 'liquidation' && heard.push(record) },
    timers: systemTimers,
    random: () => 0.5,
  });
  connector.start();
  try {
    // The channel itself, and one that always ticks.
    await until('subscriptions', () =>
      [...server.connections].some(({ channels }) => channels.size === 2),
    );
    const listed = () => server.questions.length > 0;
    await until('the list of contracts', listed);
    burst();
    await until('all of them', () => heard.length >= STORM);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { counters } = connector.health().sockets[0];
    assert.equal(counters.malformed, 0);
    return heard;
  } finally {
    connector.stop();
    await server.close();
  }
}

function assertAllArrived(heard: readonly LiquidationRecord[], contracts = 1): void {
  const sideOf = (position: Told['position']): FeedSide => (position === 'long' ? 'sell' : 'buy');
  assert.equal(heard.length, STORM);
  heard.forEach(({ side, price, qty, value, venueTimeMs }, i) => {
    const told = TOLD[i];
    const amount = Number(told.qty) / contracts;
    assert.deepEqual(
      [side, decimalToNumber(price), decimalToNumber(qty), venueTimeMs],
      [sideOf(told.position), Number(told.price), amount, told.timeMs],
    );
    assert.ok(Math.abs(decimalToNumber(value) - Number(told.price) * amount) < 1e-6);
  });
}

describe('3 000 liquidations in one burst arrive 3 000 times, in order, sides right', () => {
  it('Binance tells the side of the order, one in a message', async () => {
    const replay = await ReplayBinance.open(['BTCUSDT']);
    const heard = await hear('binance', replay.server, 'BTCUSDT', '*', () => {
      for (const { position, price, qty, timeMs } of TOLD) {
        const S = position === 'long' ? 'SELL' : 'BUY';
        const o = {
          s: 'BTCUSDT',
          S,
          o: 'LIMIT',
          f: 'IOC',
          q: qty,
          p: price,
          ap: price,
          X: 'FILLED',
        };
        replay.play('!forceOrder@arr', {
          e: 'forceOrder',
          E: timeMs,
          o: { ...o, l: qty, z: qty, T: timeMs },
        });
      }
    });
    assertAllArrived(heard);
  });

  it('Bybit tells the side of the position, several in a message', async () => {
    const replay = await ReplayBybit.open(['BTCUSDT']);
    const heard = await hear('bybit', replay.server, 'BTCUSDT', 'BTCUSDT', () => {
      for (let i = 0; i < STORM; i += 10) {
        const data = TOLD.slice(i, i + 10).map(({ position, price, qty, timeMs }) => ({
          T: timeMs,
          s: 'BTCUSDT',
          S: position === 'long' ? 'Buy' : 'Sell',
          v: qty,
          p: price,
        }));
        const frame = { topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 1, data };
        replay.play(frame);
      }
    });
    assertAllArrived(heard);
  });

  it('OKX tells the side of the order and contracts, several details in a message', async () => {
    const replay = await ReplayOkx.open();
    const heard = await hear('okx', replay.server, 'BTC-USDT-SWAP', '*', () => {
      for (let i = 0; i < STORM; i += 50) {
        const details = TOLD.slice(i, i + 50).map(({ position, price, qty, timeMs }) => ({
          bkLoss: '0',
          bkPx: price,
          ccy: '',
          posSide: position,
          side: position === 'long' ? 'sell' : 'buy',
          sz: qty,
          ts: String(timeMs),
        }));
        const data = [
          { details, instFamily: 'BTC-USDT', instId: 'BTC-USDT-SWAP', instType: 'SWAP' },
        ];
        const arg = { channel: 'liquidation-orders', instType: 'SWAP' };
        replay.play({ arg, data } as never);
      }
    });
    // One contract is a hundredth of a coin.
    assertAllArrived(heard, 100);
  });
});
