import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as R from '../../src/codec/records.ts';
import * as O from '../../src/domain/orders.ts';
import { Accounts, listing } from '../../src/gateway/accounts.ts';
import { readVenueEvent } from '../../src/gateway/venue-log.ts';
import { LedgerAudit } from '../../src/ledger/audit.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { listedMarket, PostingReader } from '../../src/ledger/postings.ts';
import { frameType } from '../../src/rings/frame.ts';
import { viewsOf } from '../support/frame-bytes.ts';
import { shippedMarkets } from '../support/markets.ts';
import { OneThreadVenue } from '../support/one-thread-venue.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);
const USERS = 2;
const markets = shippedMarkets();
const [AAPL] = markets.all;
const USD = { name: 'USD', decimals: 6 };
const ASSETS = [USD, AAPL.base];

/** Mostly one user, so that much happens to the same portfolios at once. */
const user = fc.constantFrom(1, 1, 1, 2);
/** Which of the user's portfolios, or beyond them another's. */
const portfolio = fc.nat({ max: 11 });
const step = fc.oneof(
  fc.record({
    op: fc.constant('create' as const),
    user,
    units: fc.integer({ min: 0, max: 90_000 }),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('transfer' as const),
      user,
      portfolio,
      other: fc.option(portfolio, { nil: undefined }),
      direction: fc.constantFrom('in' as const, 'out' as const),
      asset: fc.constantFrom(...ASSETS),
      /** Of what is free where it comes from, so that what is left is soon too little. */
      percent: fc.constantFrom(30, 70, 100, 120),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('close' as const),
      user,
      portfolio,
      force: fc.boolean(),
    }),
  },
  fc.record({ op: fc.constant('record' as const), user, portfolio }),
  fc.record({ op: fc.constant('remove' as const), user, holding: fc.integer({ min: 1, max: 5 }) }),
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('order' as const),
      user,
      portfolio,
      side: fc.integer({ min: 0, max: 1 }),
      lots: fc.integer({ min: 1, max: 5 }),
      priceTicks: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ op: 'settle' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/**
 * Whatever users do with their portfolios, all at once and in any order, while they trade:
 *  - every asset sums to zero, no cash portfolio overdraws or holds more than it has;
 *  - a closed portfolio has nothing, and no open order;
 *  - every request is answered exactly once, and another user's portfolio never changes by it;
 *  - the facts alone lead to the same names, holdings and transfers, and the journal to the same money.
 */
describe('portfolios as their users arrange them', () => {
  it(`lose nothing and mix nothing up (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 90 }), async (steps) => {
        const venue = new OneThreadVenue(markets, {
          users: USERS,
          balances: { USD: 200_000, AAPL: 10 },
        });
        const answers: Promise<unknown>[] = [];
        for (const each of steps) {
          if (each.op === 'settle') await settled(venue, 1);
          else answers.push(ask(venue, each));
          assertSound(venue);
        }
        await settled(venue, 12);
        const all = await Promise.race([
          Promise.all(answers),
          new Promise<never>((_resolve, reject) => {
            setTimeout(() => reject(new Error('a request is not answered')), 2000).unref();
          }),
        ]);
        assert.equal(all.length, answers.length);
        assertSound(venue);
        assertClosedAreEmpty(venue);
        assertRecovered(venue);
        assertAudited(venue);
      }),
      { seed: SEED, numRuns: 30 },
    );
  });
});

async function settled(venue: OneThreadVenue, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    venue.settle();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The user's portfolio with this number, or now and then one that is not the user's. */
function pick({ engine }: OneThreadVenue, userId: number, n: number): number {
  const own = engine.portfolioDesk.list(userId).map(({ portfolioId }) => portfolioId);
  return n === 11 ? 4 - userId : own[n % own.length];
}

function ask(venue: OneThreadVenue, each: Exclude<Step, { op: 'settle' }>): Promise<unknown> {
  const { portfolioDesk } = venue.engine;
  const { user: userId } = each;
  const portfolioId = 'portfolio' in each ? pick(venue, userId, each.portfolio) : 0;
  switch (each.op) {
    case 'create':
      return portfolioDesk.create({
        userId,
        title: 'a title',
        description: '',
        currency: USD,
        initialUnits: each.units,
      });
    case 'transfer':
      return portfolioDesk.transfer({
        userId,
        portfolioId,
        otherPortfolioId: each.other === undefined ? undefined : pick(venue, userId, each.other),
        direction: each.direction,
        asset: each.asset,
        amountUnits: amountOf(venue, each),
        note: '',
      });
    case 'close':
      return portfolioDesk.close(userId, portfolioId, each.force);
    case 'record': {
      const what = { market: AAPL, qtyLots: 1, costUnits: 5 };
      return portfolioDesk.recordHolding({ userId, portfolioId, ...what });
    }
    case 'remove':
      return portfolioDesk.removeHolding(userId, each.holding);
    case 'order':
      return new Promise((resolve) =>
        venue.engine.place(
          {
            market: AAPL,
            userId,
            portfolioId,
            side: each.side,
            orderType: O.ORDER_TYPE_LIMIT,
            tif: O.TIF_GTC,
            flags: 0,
            priceTicks: each.priceTicks,
            qtyLots: each.lots,
            clientOrderId: '',
          },
          resolve,
        ),
      );
  }
}

function amountOf(venue: OneThreadVenue, each: Step & { op: 'transfer' }): number {
  const from = each.direction === 'in' ? each.other : each.portfolio;
  const id = from === undefined ? 0 : pick(venue, each.user, from);
  const balance = venue.ledger.portfolios.get(id)?.balances.get(each.asset.name);
  const free = (balance?.total ?? 1000) - (balance?.held ?? 0);
  return Math.max(1, Math.ceil((free * each.percent) / 100));
}

function assertSound({ ledger }: OneThreadVenue): void {
  for (const { name } of ASSETS) assert.equal(ledger.sumOf(name), 0n, `${name} was made or lost`);
  for (const { id, kind, balances } of ledger.portfolios.values()) {
    if (kind !== 'cash') continue;
    for (const [asset, { total, held }] of balances) {
      assert.ok(held >= 0 && total >= held, `portfolio ${id}: ${held} of ${total} ${asset} held`);
    }
  }
}

function assertClosedAreEmpty(venue: OneThreadVenue): void {
  const { ledger, engine } = venue;
  for (const { id, balances, openOrders, locked } of ledger.portfolios.values()) {
    const isClosed = engine.portfolioDesk.info(id)?.isClosed ?? false;
    assert.equal(locked, isClosed, `portfolio ${id} is locked as long as it is closed`);
    if (!isClosed) continue;
    assert.equal(openOrders, 0);
    assert.ok([...balances.values()].every(({ total }) => total === 0));
    assert.deepEqual(engine.portfolioDesk.holdings(id), []);
  }
}

/** What a start learns from the facts alone. */
function assertRecovered(venue: OneThreadVenue): void {
  const accounts = new Accounts(new Ledger(markets.all));
  for (const fact of [...venue.facts, ...venue.recorded]) accounts.apply(fact);
  const { portfolioDesk } = venue.engine;
  for (let userId = 1; userId <= USERS; userId += 1) {
    const known = accounts.book.of(userId).map((info) => ({ ...info, createdMs: 0 }));
    const told = portfolioDesk.list(userId).map((info) => ({ ...info, createdMs: 0 }));
    assert.deepEqual(known, told);
    for (const { portfolioId } of told) {
      const plain = (atMs: object[]): object[] =>
        atMs.map((one) => ({ ...one, atMs: 0, recordedMs: 0 }));
      const transfers = plain([...portfolioDesk.transfers(portfolioId)]);
      assert.deepEqual(plain([...accounts.book.transfersOf(portfolioId)]), transfers);
      const holdings = plain([...portfolioDesk.holdings(portfolioId)]);
      assert.deepEqual(plain(accounts.book.holdingsOf(portfolioId)), holdings);
    }
  }
}

/** The audit, which adds up by itself, comes to the same balances, and so do the postings. */
function assertAudited(venue: OneThreadVenue): void {
  const listings = markets.all.map((market) => listedMarket(listing(market)));
  const audit = new LedgerAudit(new Ledger([]), listings);
  for (const fact of venue.facts) audit.venueEvent(fact);
  const reader = new PostingReader(listings);
  const net = new Map<string, number>();
  const add = (portfolioId: number, asset: string, units: number): void => {
    const key = `${portfolioId} ${asset}`;
    net.set(key, (net.get(key) ?? 0) + units);
  };
  for (const bytes of venue.journal) {
    const views = viewsOf(bytes);
    const type = frameType(views.i32[1]);
    if (type === R.VENUE_EVENT) audit.venueEvent(readVenueEvent(views, 0));
    else audit.marketRecord(views, 0);
    for (const posting of reader.read(views, 0, readVenueEvent)) {
      add(posting.fromPortfolioId, posting.asset, -posting.units);
      add(posting.toPortfolioId, posting.asset, posting.units);
    }
  }
  assert.deepEqual(audit.end(), []);
  for (const fact of venue.facts) {
    if (fact.kind !== 'FundsDeposited') continue;
    add(1, fact.asset, -fact.amountUnits);
    add(fact.portfolioId, fact.asset, fact.amountUnits);
  }
  for (const { id, balances } of venue.ledger.portfolios.values()) {
    for (const [asset, { total }] of balances) {
      assert.equal(audit.ledger.get(id).balances.get(asset)?.total ?? 0, total, `${id} ${asset}`);
      assert.equal(net.get(`${id} ${asset}`) ?? 0, total, `postings of ${id} in ${asset}`);
    }
  }
}
