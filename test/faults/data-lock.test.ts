import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DataDirectoryInUseError, lockDataDirectory } from '../../src/gateway/data-lock.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

const CHILD = fileURLToPath(new URL('../support/lock-child.js', import.meta.url));
const QUIET = { OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0' };

interface Contender {
  readonly child: ChildProcess;
  /** What it said first: `locked`, or `refused …`. */
  readonly said: Promise<string>;
}

describe('the lock of a data directory, between real processes', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  const contend = (directory: string): Contender => {
    const child = spawn(process.execPath, [CHILD, directory], { stdio: ['ignore', 'pipe', 2] });
    children.push(child);
    const said = new Promise<string>((resolve) => {
      child.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim()));
      child.once('exit', (code) => resolve(`ended with ${code}`));
    });
    return { child, said };
  };

  const kill = async ({ child }: Contender): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };

  it('a second server is refused with the first one’s process id and changes nothing', async (t) => {
    const directory = temporaryDirectory(t);
    const first = await ServerProcess.start(directory, QUIET);
    t.after(() => first.end('SIGKILL'));
    await assert.rejects(
      ServerProcess.start(directory, QUIET),
      new RegExp(`is in use by process ${first.pid}: stop it, or set OPENBELL_DATA_DIR`),
    );
    assert.equal((await first.login()).token.length > 0, true, 'the first goes on');
  });

  it('a killed server’s directory is free at once, time after time', async (t) => {
    const directory = temporaryDirectory(t);
    for (let life = 0; life < 3; life += 1) {
      const server = await ServerProcess.start(directory, QUIET);
      await server.end('SIGKILL');
      assert.equal(marks(directory).length, 1, 'only its own mark is left behind');
    }
    const last = await ServerProcess.start(directory, QUIET);
    assert.equal((await last.end('SIGTERM')).code, 0);
    assert.deepEqual(marks(directory), [], 'an orderly end leaves none');
  });

  it('a dead process’s mark tells of nobody, even when its process id lives again', async (t) => {
    const directory = temporaryDirectory(t);
    const dead = contend(directory);
    assert.equal(await dead.said, 'locked');
    await kill(dead);
    const [left] = marks(directory);
    // As if this very process had been given the id of the dead one.
    renameSync(join(directory, left), join(directory, left.replace(/\d+/, String(process.pid))));
    const next = contend(directory);
    assert.equal(await next.said, 'locked');
    assert.deepEqual(marks(directory).length, 1, 'the dead mark was cleared away');
  });

  it('a stopped process still has its directory', async (t) => {
    const directory = temporaryDirectory(t);
    const stopped = contend(directory);
    assert.equal(await stopped.said, 'locked');
    stopped.child.kill('SIGSTOP');
    const next = contend(directory);
    assert.match(await next.said, new RegExp(`^refused .* process ${stopped.child.pid}:`));
  });

  it('of many that start at once never two have it, and one gets it in the end', async (t) => {
    const directory = temporaryDirectory(t);
    let locked = 0;
    for (let round = 0; round < 4; round += 1) {
      const contenders = Array.from({ length: 4 }, () => contend(directory));
      const said = await Promise.all(contenders.map((contender) => contender.said));
      const winners = said.filter((text) => text === 'locked').length;
      assert.ok(winners <= 1, said.join('\n'));
      assert.equal(said.filter((text) => text.startsWith('refused')).length, 4 - winners);
      locked += winners;
      await Promise.all(contenders.map(kill));
    }
    assert.ok(locked > 0, 'nobody ever got it');
  });

  it('works in a directory whose path is longer than a socket’s address', async (t) => {
    const directory = longDirectory(t);
    const unlock = await lockDataDirectory(directory);
    await assert.rejects(lockDataDirectory(directory), DataDirectoryInUseError);
    unlock();
    (await lockDataDirectory(directory))();
    assert.deepEqual(marks(directory), []);
  });
});

function longDirectory(t: TestContext): string {
  const directory = join(temporaryDirectory(t), 'a'.repeat(80), 'b'.repeat(80));
  mkdirSync(directory, { recursive: true });
  return directory;
}

function marks(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.startsWith('lock-'));
}
