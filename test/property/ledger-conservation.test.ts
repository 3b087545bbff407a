import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as O from '../../src/domain/orders.ts';
import type { VenueEvent } from '../../src/domain/venue-events.ts';
import { listing } from '../../src/gateway/accounts.ts';
import { LedgerAudit } from '../../src/ledger/audit.ts';
import { holdUnits } from '../../src/ledger/holds.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { listedMarket, PostingReader, VENUE_PORTFOLIO_ID } from '../../src/ledger/postings.ts';
import { viewsOf } from '../support/frame-bytes.ts';
import { shippedMarkets } from '../support/markets.ts';
import { OneThreadVenue } from '../support/one-thread-venue.ts';

const markets = shippedMarkets();
const USERS = 3;
const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);

interface Place {
  op: 'place';
  userId: number;
  marketId: number;
  side: number;
  orderType: number;
  tif: number;
  flags: number;
  offset: number;
  qtyLots: number;
}
interface Cancel {
  op: 'cancel';
  userId: number;
  orderId: number;
}
interface Amend {
  op: 'amend';
  userId: number;
  orderId: number;
  fewerLots: number;
  worse: number;
}
interface Settle {
  op: 'settle';
}

const user = fc.integer({ min: 1, max: USERS });
const place: fc.Arbitrary<Place> = fc.record({
  op: fc.constant('place' as const),
  userId: user,
  // Two venues of one asset and currency, and one with a maker's rebate.
  marketId: fc.constantFrom(6, 9, 13),
  side: fc.integer({ min: 0, max: 1 }),
  orderType: fc.constantFrom(0, 0, 0, 1),
  tif: fc.integer({ min: 0, max: 2 }),
  flags: fc.constantFrom(0, 0, 0, O.ORDER_FLAG_POST_ONLY),
  offset: fc.integer({ min: -5, max: 5 }),
  qtyLots: fc.integer({ min: 1, max: 300 }),
});
const cancel: fc.Arbitrary<Cancel> = fc.record({
  op: fc.constant('cancel' as const),
  userId: user,
  orderId: fc.integer({ min: 1, max: 60 }),
});
/** Smaller and no more aggressive: what a cash portfolio may always ask for. */
const amend: fc.Arbitrary<Amend> = fc.record({
  op: fc.constant('amend' as const),
  userId: user,
  orderId: fc.integer({ min: 1, max: 60 }),
  fewerLots: fc.integer({ min: 0, max: 100 }),
  worse: fc.integer({ min: 0, max: 3 }),
});
const settle: fc.Arbitrary<Settle> = fc.record({ op: fc.constant('settle' as const) });
const script = fc.array(fc.oneof({ weight: 6, arbitrary: place }, cancel, amend, settle), {
  maxLength: 80,
});

/**
 * Whatever users do, at every moment:
 *  - every asset sums to zero over all portfolios, the venue's own included;
 *  - no cash portfolio holds more than it has, or has less than nothing;
 *  - what is held is exactly what the open orders may still cost;
 *  - every request is answered exactly once;
 *  - the journal's records alone lead to the same balances, and every posting in them is one of a
 *    pair that belongs to one event.
 */
describe('the ledger', () => {
  it(`conserves every asset, and no cash portfolio overdraws (seed ${SEED})`, () => {
    fc.assert(
      fc.property(script, (steps) => {
        const balances = {
          USDT: 50_000_000_000,
          USDC: 20_000_000,
          BTC: 50_000_000,
          SEI: 100_000_000,
        };
        const venue = new OneThreadVenue(markets, { users: USERS, balances });
        let asked = 0;
        let answered = 0;
        const done = (): void => {
          answered += 1;
        };
        for (const step of steps) {
          if (step.op === 'settle') venue.settle();
          else if (step.op === 'amend') amendOpen(venue, step);
          else if (step.op === 'cancel') {
            asked += 1;
            venue.engine.cancel(step.userId, step.orderId, done);
          } else {
            asked += 1;
            const market = markets.get(step.marketId);
            assert.ok(market !== undefined);
            const middle = step.marketId === 13 ? 4210 : 972_500;
            const { userId, side, orderType, tif, flags, qtyLots, offset } = step;
            venue.engine.place(
              {
                ...{
                  market,
                  userId,
                  portfolioId: userId + 1,
                  side,
                  orderType,
                  tif,
                  flags,
                  qtyLots,
                },
                priceTicks: orderType === O.ORDER_TYPE_MARKET ? 0 : middle + offset,
                clientOrderId: '',
              },
              done,
            );
          }
          assertSound(venue);
        }
        venue.settle();
        assertSound(venue);
        assertHoldsMatchOrders(venue);
        assertAuditAgrees(venue);
        assert.equal(answered, asked);
      }),
      { verbose: 1, seed: SEED },
    );
  });
});

function amendOpen(venue: OneThreadVenue, { userId, orderId, fewerLots, worse }: Amend): void {
  venue.settle();
  const order = venue.engine.order(userId, orderId);
  if (order === undefined || order.status > O.STATUS_PARTIALLY_FILLED) return;
  const lots = Math.max(1, order.qtyLots - order.filledLots - fewerLots);
  const price = order.priceTicks + (order.side === O.SIDE_BUY ? -worse : worse);
  venue.amend(order.market.id, order.portfolioId, orderId, price, lots);
}

function assertAuditAgrees(venue: OneThreadVenue): void {
  const listings = markets.all.map((market) => listedMarket(listing(market)));
  const audit = new LedgerAudit(new Ledger([]), listings);
  for (const fact of venue.facts) audit.venueEvent(fact);
  const reader = new PostingReader(listings);
  const net = new Map<string, number>();
  const add = (portfolioId: number, asset: string, units: number): void => {
    const key = `${portfolioId} ${asset}`;
    net.set(key, (net.get(key) ?? 0) + units);
  };
  const noFacts = (): never => assert.fail('the facts lie before the journal');
  const events = new Set<string>();
  for (const bytes of venue.journal) {
    const views = viewsOf(bytes);
    audit.marketRecord(views, 0);
    for (const posting of reader.read(views, 0, noFacts)) {
      add(posting.fromPortfolioId, posting.asset, -posting.units);
      add(posting.toPortfolioId, posting.asset, posting.units);
      events.add(`${posting.marketId} ${posting.seq}`);
    }
  }
  assert.deepEqual(audit.end(), []);
  assert.equal(audit.events, events.size + venue.facts.filter(isDeposit).length);
  for (const fact of venue.facts.filter(isDeposit)) {
    add(VENUE_PORTFOLIO_ID, fact.asset, -fact.amountUnits);
    add(fact.portfolioId, fact.asset, fact.amountUnits);
  }
  for (const { id, balances } of venue.ledger.portfolios.values()) {
    for (const [asset, { total }] of balances) {
      assert.equal(audit.ledger.get(id).balances.get(asset)?.total ?? 0, total, `${id} ${asset}`);
      assert.equal(net.get(`${id} ${asset}`) ?? 0, total, `postings of ${id} in ${asset}`);
    }
  }
}

function isDeposit(fact: VenueEvent): fact is VenueEvent & { kind: 'FundsDeposited' } {
  return fact.kind === 'FundsDeposited';
}

function assertSound(venue: OneThreadVenue): void {
  for (const asset of ['USDT', 'USDC', 'BTC', 'SEI']) {
    assert.equal(venue.ledger.sumOf(asset), 0n, `${asset} was made or lost`);
  }
  for (const portfolio of venue.ledger.portfolios.values()) {
    if (portfolio.kind !== 'cash') continue;
    for (const [asset, { total, held }] of portfolio.balances) {
      assert.ok(
        held >= 0 && total >= held,
        `portfolio ${portfolio.id}: ${held} of ${total} ${asset}`,
      );
    }
  }
}

function assertHoldsMatchOrders(venue: OneThreadVenue): void {
  const expected = new Map<string, number>();
  for (const [marketId, machine] of venue.machines) {
    const market = markets.get(marketId);
    assert.ok(market !== undefined);
    for (const { portfolioId, side, priceTicks, remainingLots } of machine.image().orders) {
      const asset = side === O.SIDE_BUY ? market.quote.name : market.base.name;
      const key = `${portfolioId} ${asset}`;
      const units = holdUnits(market, side, priceTicks, remainingLots);
      expected.set(key, (expected.get(key) ?? 0) + units);
    }
  }
  for (const portfolio of venue.ledger.portfolios.values()) {
    for (const [asset, { held }] of portfolio.balances) {
      assert.equal(held, expected.get(`${portfolio.id} ${asset}`) ?? 0, `${portfolio.id} ${asset}`);
    }
  }
}
