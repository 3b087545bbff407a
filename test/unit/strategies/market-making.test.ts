import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PHASE_HALTED, SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import { marketMaking } from '../../../src/strategies/market-making.ts';
import { type SceneOptions, StrategyScene } from '../../support/strategy-scene.ts';

const ETH = 14;
const MID = 342_000;
const PARAMETERS = {
  quote_levels: 2,
  order_notional: 3_420,
  size_growth: 2,
  level_spacing_bps: 5,
  min_spread_bps: 2,
  max_spread_bps: 2,
  max_position: 34_200,
  target_inventory: 17_100,
  refresh_ms: 100,
};

/** A maker with inventory to sell, in a calm market of others 400 ticks wide. */
function scene(options: Partial<SceneOptions> = {}): StrategyScene {
  const { parameters, ...others } = options;
  const on = new StrategyScene(marketMaking, {
    marketIds: [ETH],
    ...others,
    parameters: { ...PARAMETERS, ...parameters },
  });
  on.quote(ETH, MID - 200, MID + 200, 100_000);
  wait(on, 4);
  return on;
}

/** Somebody moves the far end of the book now and then, so that the market is not stale. */
function wait(on: StrategyScene, seconds: number, mid = MID): void {
  for (let i = 0; i < seconds; i += 1) {
    on.quote(ETH, mid - 200, mid + 200, 100_000);
    on.pass(1000);
  }
}

describe('market making', () => {
  it('buys its inventory first where it cannot go short, then quotes a ladder on both sides', () => {
    const on = scene({ parameters: { max_spread_bps: 20 } });
    assert.match(on.text[0], /^place 14 buy 5000@\d+ ioc$/);
    assert.equal(on.host.positionLots(ETH), 5000);
    const ladder = scene({ canShort: true });
    assert.equal(ladder.host.positionLots(ETH), 0, 'a margin portfolio aims at nothing');
    // 2 bps around 342 000: 34 ticks each way; the next 171 further, twice the size.
    assert.deepEqual(ladder.quotes(ETH), [
      'buy 341794 2000',
      'buy 341965 1000',
      'sell 342035 1000',
      'sell 342206 2000',
    ]);
    assert.ok(ladder.text.every((line) => line.endsWith('post-only')));
  });

  it('leaves its own quotes out of the touch it measures from', () => {
    const on = scene({ canShort: true });
    const sent = on.text.length;
    wait(on, 5);
    assert.equal(on.text.length, sent, 'nothing has moved, so nothing is moved');
  });

  it('follows the market by amending, asks first when it rises, and keeps its place when it need not move', () => {
    const on = scene({ canShort: true });
    const sent = on.text.length;
    wait(on, 1, MID + 100);
    const moves = on.text.slice(sent);
    assert.equal(moves.length, 4);
    assert.ok(moves.every((line) => line.startsWith('amend')));
    assert.deepEqual(
      moves.map((line) => line.split(' ')[2]),
      ['sell', 'sell', 'buy', 'buy'],
    );
    const before = on.text.length;
    wait(on, 1, MID + 108);
    assert.equal(on.text.length, before, 'within half a basis point quotes stay');
  });

  it('leans against what it has bought and offers what it took over', () => {
    const on = scene({
      canShort: true,
      parameters: { risk_aversion: 10, max_spread_bps: 10, horizon_seconds: 100 },
    });
    for (let i = 0; i < 20; i += 1) wait(on, 1, MID + (i % 2) * 4);
    const bestAsk = (): number =>
      Number(
        on
          .quotes(ETH)
          .find((q) => q.startsWith('sell'))
          ?.split(' ')[1],
      );
    const before = bestAsk();
    on.take(ETH, SIDE_SELL, MID - 190, 3000);
    assert.equal(on.host.positionLots(ETH), 1000);
    wait(on, 2);
    assert.ok(bestAsk() < before, `${bestAsk()} is not below ${before}`);
  });

  it('never offers more than it has, nor bids beyond the greatest position', () => {
    const on = scene({
      parameters: { max_spread_bps: 20, order_notional: 20_000, target_inventory: 10_000 },
    });
    const lots = (side: string): number =>
      on
        .quotes(ETH)
        .filter((quote) => quote.startsWith(side))
        .reduce((sum, quote) => sum + Number(quote.split(' ')[2]), 0);
    const position = on.host.positionLots(ETH);
    assert.ok(position > 0);
    assert.ok(lots('sell') <= position);
    assert.ok(position + lots('buy') <= 10_000, 'max_position is worth ten thousand lots');
    on.take(ETH, SIDE_BUY, MID + 190, 100_000);
    wait(on, 2);
    assert.equal(on.host.positionLots(ETH), 0, 'all sold');
    assert.equal(lots('sell'), 0);
    assert.ok(lots('buy') > 0);
  });

  it('fills a quote up when most of it has traded, and lets it be before', () => {
    const on = scene({ canShort: true });
    const [, bid] = on.quotes(ETH);
    const price = Number(bid.split(' ')[1]);
    on.take(ETH, SIDE_SELL, price, 300);
    wait(on, 1);
    assert.ok(on.quotes(ETH).some((quote) => /^buy \d+ 700$/.test(quote)));
    on.take(ETH, SIDE_SELL, price - 5, 400);
    wait(on, 1);
    assert.ok(
      on.quotes(ETH).some((quote) => /^buy \d+ 1000$/.test(quote)),
      on.quotes(ETH).join(),
    );
  });

  it('takes everything off when the market is silent, one-sided or halted, and comes back', () => {
    const on = scene({ canShort: true, parameters: { stale_ms: 2000 } });
    assert.equal(on.quotes(ETH).length, 4);
    on.pass(3000);
    assert.deepEqual(on.quotes(ETH), [], 'stale');
    wait(on, 2);
    assert.equal(on.quotes(ETH).length, 4);
    on.take(ETH, SIDE_BUY, MID + 5000, 1_000_000);
    on.pass(500);
    assert.deepEqual(on.quotes(ETH), [], 'nobody else offers anything');
    wait(on, 3);
    assert.equal(on.quotes(ETH).length, 4);
    on.venue.engine.followCalendar(on.markets[0], PHASE_HALTED);
    on.settle();
    on.pass(500);
    assert.deepEqual(on.quotes(ETH), [], 'halted');
  });

  it('takes over other parameters while it runs', () => {
    const on = scene({ canShort: true });
    on.host.configure({ ...on.host.spec.parameters, quote_levels: 1, order_notional: 6_840 });
    wait(on, 1);
    assert.deepEqual(
      on.quotes(ETH).map((quote) => quote.replace(/ \d+ /, ' ')),
      ['buy 2000', 'sell 2000'],
    );
  });
});
