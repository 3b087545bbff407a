import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as O from '../../src/domain/orders.ts';
import { PLAIN, Scene, type Step, seen } from '../support/hold-scene.ts';

const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);
const RUNS = Number(process.env.OPENBELL_TEST_RUNS ?? 150);

const USERS = 2;
const user = fc.integer({ min: 1, max: USERS });
const marketId = fc.constantFrom(6, 6, 6, 13);
/** Which of the user's newest orders in the market: 0 is the newest. */
const which = fc.integer({ min: 0, max: 5 });
const order = fc.record({
  side: fc.integer({ min: 0, max: 1 }),
  orderType: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5),
  tif: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4),
  flags: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8),
  selfTrade: fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 4),
  offset: fc.integer({ min: -1, max: 1 }),
  trigger: fc.integer({ min: -3, max: 3 }),
  /** 0: as many as the free balance covers, so that nothing is left to hide a mistake behind. */
  qtyLots: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(0)),
  display: fc.constantFrom(0, 0, 0, 2),
  trailUnit: fc.integer({ min: 0, max: 1 }),
  pegKind: fc.integer({ min: 0, max: 1 }),
  pegOffset: fc.integer({ min: 0, max: 2 }),
  expiresIn: fc.integer({ min: 1, max: 20 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      op: fc.constant('place' as const),
      user,
      marketId,
      order,
      link: fc.constantFrom('', '', '', 'oco', 'parent', 'replace'),
      which,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('set' as const),
      user,
      marketId,
      orders: fc.array(order, { minLength: 2, maxLength: 4 }),
      shape: fc.constantFrom('oco', 'children', 'bracket'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('amend' as const),
      user,
      marketId,
      which,
      mode: fc.integer({ min: 0, max: 2 }),
      offset: fc.constantFrom(undefined, -6, -1, 1, 6),
      qtyLots: fc.integer({ min: 0, max: 60 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('cancel' as const), user, marketId, which }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cancelAll' as const), user }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('phase' as const),
      marketId,
      phase: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('wait' as const), seconds: user }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('match' as const) }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('settle' as const) }) },
);

const lots = fc.integer({ min: 4, max: 40 });
const side = fc.integer({ min: 0, max: 1 });
/**
 * Little but what makes holds tight: sets of linked orders that trade bit by bit, amendments on their
 * way meanwhile, and everything that is free spent elsewhere.
 */
const duel: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ user, side, lots, shape: fc.constantFrom('oco', 'children') })
      .map(({ user: userId, side: own, lots: qtyLots, shape }): Step => {
        const first = { ...PLAIN, side: own, qtyLots };
        const away = { ...PLAIN, side: own, qtyLots, offset: own === O.SIDE_BUY ? -1 : 1 };
        const back = { ...away, offset: own === O.SIDE_BUY ? 3 : -3 };
        const orders = shape === 'oco' ? [first, away] : [first, back];
        return { op: 'set', user: userId, marketId: 6, orders, shape };
      }),
  },
  {
    weight: 10,
    arbitrary: fc
      .record({ user, side, qtyLots: fc.integer({ min: 1, max: 12 }) })
      .map(({ user: userId, side: own, qtyLots }): Step => {
        const taker = { ...PLAIN, side: own, qtyLots, tif: O.TIF_IOC };
        return { op: 'place', user: userId, marketId: 6, order: taker, link: '', which: 0 };
      }),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({ user, side, link: fc.constantFrom('', '', 'replace'), which })
      .map(({ user: userId, side: own, link, which: at }): Step => {
        const offset = own === O.SIDE_BUY ? -1 : 1;
        const all = { ...PLAIN, side: own, offset, qtyLots: 0 };
        return { op: 'place', user: userId, marketId: 6, order: all, link, which: at };
      }),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        user,
        which,
        mode: fc.integer({ min: 0, max: 2 }),
        offset: fc.constantFrom(undefined, -1, 0, 1),
        qtyLots: fc.integer({ min: 0, max: 60 }),
      })
      .map((drawn): Step => ({ ...drawn, op: 'amend', marketId: 6 })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ user, which })
      .map((drawn): Step => ({ ...drawn, op: 'cancel', marketId: 6 })),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ op: 'match' }) },
  { weight: 8, arbitrary: fc.constant<Step>({ op: 'settle' }) },
);

function play(steps: readonly Step[]): void {
  const scene = new Scene();
  scene.trade();
  for (const one of steps) {
    scene.run(one);
    scene.assertSound();
    if (scene.venue.engine.requestsPending === 0) scene.assertAsRecovered();
  }
  while (scene.venue.engine.requestsPending > 0) scene.venue.settle();
  scene.assertSound();
  scene.assertAsRecovered();
  assert.equal(scene.answered, scene.asked);
}

/**
 * Every order type, link and change, with commands on their way while others trade. At every moment:
 *  - every asset sums to zero, no cash portfolio holds more than it has or has less than nothing;
 *  - when nothing is on its way, the holds are those that a restart makes of the open orders alone;
 *  - every request is answered exactly once.
 */
describe('holds', () => {
  for (const [what, steps] of [
    ['whatever may happen', step],
    ['linked orders that trade bit by bit', duel],
  ] as const) {
    it(`cover ${what} (seed ${SEED})`, () => {
      fc.assert(
        fc.property(fc.array(steps, { minLength: 40, maxLength: 160, size: 'max' }), play),
        {
          seed: SEED,
          numRuns: RUNS,
          interruptAfterTimeLimit: 30_000,
          includeErrorInReport: true,
        },
      );
    });
  }

  it('were tried with everything', () => {
    const happened = [...O.ORDER_TYPE_NAMES.map((name) => `placed ${name}`), 'amended'];
    for (const what of [...happened, 'linked as partner', 'linked as child', 'replaced']) {
      assert.ok((seen.get(what) ?? 0) > 0, `never ${what}: ${JSON.stringify([...seen])}`);
    }
    for (const shape of ['oco', 'children', 'bracket']) {
      assert.ok((seen.get(`set ${shape}`) ?? 0) > 0, `no set ${shape}`);
    }
  });

  it('stay with a child whose parent’s last trade was with the parent’s own partner', () => {
    const plain = { ...PLAIN, qtyLots: 0 };
    play([
      { op: 'place', user: 2, marketId: 6, order: { ...plain, side: 1 }, link: '', which: 0 },
      { op: 'settle' },
      {
        op: 'place',
        user: 2,
        marketId: 6,
        order: { ...plain, side: 0, offset: -1, qtyLots: 1 },
        link: 'oco',
        which: 0,
      },
      { op: 'place', user: 2, marketId: 6, order: { ...plain, side: 0 }, link: 'parent', which: 0 },
      { op: 'amend', user: 2, marketId: 6, which: 0, mode: 0, offset: -6, qtyLots: 1 },
    ]);
  });

  it('cover a child whose parent two amendments on their way make smaller', () => {
    const parent = { ...PLAIN, side: O.SIDE_SELL, qtyLots: 4 };
    const child = { ...PLAIN, offset: -3, qtyLots: 4 };
    const amend = { op: 'amend', user: 1, marketId: 6, which: 1, offset: undefined } as const;
    const all = { ...PLAIN, offset: -1, qtyLots: 0 };
    play([
      { op: 'set', user: 1, marketId: 6, orders: [parent, child], shape: 'children' },
      { op: 'settle' },
      { ...amend, mode: O.AMEND_TOTAL, qtyLots: 2 },
      { ...amend, mode: O.AMEND_REDUCE_BY, qtyLots: 1 },
      { op: 'place', user: 1, marketId: 6, order: all, link: '', which: 0 },
    ]);
  });
});
