import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SIDE_BUY } from '../../src/domain/orders.ts';
import { OK } from '../../src/domain/result-codes.ts';
import type { MarginCommand } from '../support/margin-child.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';
import { assertConserved, assertVerified } from '../support/verify-directory.ts';

const CHILD = fileURLToPath(new URL('../support/margin-child.js', import.meta.url));
const PRICE = 1_000_000;

interface State {
  readonly lots: number;
  readonly wallet: number;
  readonly inLiquidation: boolean;
  readonly mark: number;
  readonly liquidatedLots: number;
  readonly sums: readonly string[];
}

class MarginServer {
  readonly child: ChildProcess;

  constructor(directory: string) {
    this.child = fork(CHILD, {
      env: {
        ...process.env,
        OPENBELL_PORT: '0',
        OPENBELL_DATA_DIR: directory,
        OPENBELL_ADMIN_PASSWORD: 'correct horse battery staple',
        OPENBELL_OPENING_BALANCES: 'USDT=900000000,BTC=9000',
        OPENBELL_OPENING_COLLATERAL: 'USDT=10000',
        // Snapshots come in the middle of everything.
        OPENBELL_SNAPSHOT_INTERVAL_KIB: '16',
        OPENBELL_SNAPSHOT_INTERVAL_SECONDS: '1',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  async answer(): Promise<unknown> {
    const [message] = await once(this.child, 'message');
    return (message as { answer: unknown }).answer;
  }

  ask(command: MarginCommand): Promise<unknown> {
    const answer = this.answer();
    this.child.send(command);
    return answer;
  }

  async state(): Promise<State> {
    return (await this.ask({ do: 'state' })) as State;
  }

  async quote(middle: number, lots: number): Promise<void> {
    const answer = await this.ask({ do: 'quote', bid: middle - 10, ask: middle + 10, lots });
    assert.deepEqual(answer, [OK, OK]);
  }

  async until(what: string, isTrue: (state: State) => boolean): Promise<State> {
    for (let i = 0; i < 200; i += 1) {
      const state = await this.state();
      assert.deepEqual(state.sums, ['0', '0'], 'every asset sums to zero');
      if (isTrue(state)) return state;
      await sleep(200);
    }
    throw new assert.AssertionError({ message: `it never came to this: ${what}` });
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}

describe('a liquidation', () => {
  it('goes on where the process was killed, and every sum is right', async (context) => {
    const directory = temporaryDirectory(context);
    let server = new MarginServer(directory);
    context.after(() => server.child.kill('SIGKILL'));
    assert.equal(await server.answer(), 'ready');
    await server.quote(PRICE, 5000);
    await server.until('there is a mark price', ({ mark }) => mark > 0);
    const opened = await server.ask({ do: 'open', side: SIDE_BUY, lots: 350, leverage: 5 });
    assert.equal((opened as { code: number }).code, OK);
    assert.equal((await server.state()).lots, 350);

    // The price is gone, and the book takes a part of the position.
    await server.quote(PRICE - 300_000, 100);
    const partly = await server.until('a part is closed', ({ lots }) => lots < 350);
    assert.deepEqual([partly.lots, partly.inLiquidation], [250, true]);
    assert.equal(partly.liquidatedLots, 100);
    await server.kill();

    server = new MarginServer(directory);
    assert.equal(await server.answer(), 'ready');
    const back = await server.state();
    assert.deepEqual(
      [back.lots, back.inLiquidation, back.liquidatedLots, back.wallet],
      [partly.lots, true, partly.liquidatedLots, partly.wallet],
    );
    await server.quote(PRICE - 300_000, 100);
    await server.until('another part is closed', ({ lots }) => lots === 150);
    await server.kill();

    server = new MarginServer(directory);
    assert.equal(await server.answer(), 'ready');
    await server.quote(PRICE - 300_000, 1000);
    const ended = await server.until('it has ended', (state) => !state.inLiquidation);
    assert.deepEqual([ended.lots, ended.liquidatedLots, ended.wallet], [0, 350, 0]);
    await server.ask({ do: 'stop' });
    assertVerified(directory, 'after a liquidation in three lives');
    await assertConserved(directory, 'after a liquidation in three lives');
  });
});
