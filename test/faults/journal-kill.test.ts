import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  FAIL_BEFORE_RELEASE,
  FAIL_BEFORE_SYNC,
  FAIL_BEFORE_WRITE,
} from '../../src/journal/failpoints.ts';
import { readFrames } from '../../src/journal/recovery.ts';
import { journalExists, openStore } from '../../src/journal/store.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { Prng } from '../../src/lib/prng.ts';
import { MARKETS, Positions, QUOTE_UNITS } from '../support/kill-scene.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

const CHILD = fileURLToPath(new URL('../support/journal-child.js', import.meta.url));
const SEED = Number(process.env.OPENBELL_TEST_SEED ?? Date.now() % 1_000_000);

interface Scene {
  readonly directory: string;
  readonly acknowledgements: string;
}

interface Ending {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly output: string;
}

/** Runs the child to its end, or until `onReady` kills it. */
async function live(
  scene: Scene,
  groups: number,
  options: { failpoint?: string; fileKib?: number; onReady?: (child: ChildProcess) => void } = {},
): Promise<Ending> {
  const { failpoint = '', fileKib, onReady } = options;
  const args = [CHILD, scene.directory, String(SEED), String(groups), scene.acknowledgements];
  const env = { ...process.env, OPENBELL_FAILPOINT: failpoint };
  const limited = ['-c', `ulimit -f ${fileKib}; exec "$0" "$@"`, process.execPath, ...args];
  const child =
    fileKib === undefined
      ? spawn(process.execPath, args, { env })
      : spawn('bash', limited, { env });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    if (output === '') onReady?.(child);
    output += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    output += data.toString();
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}

interface Recovered {
  readonly lastBatch: number;
  readonly seqs: ReadonlyMap<number, number>;
  /** Greatest acknowledged sequence by market. */
  readonly acknowledged: Map<number, number>;
}

/** A kill may leave a line half written: what it says was never said, and no line may follow it. */
function dropPartialLine(path: string): void {
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) writeFileSync(path, whole);
}

/**
 * The forbidden outcomes: something acknowledged is missing or differs; a sequence has a gap; a
 * group is half there; a derived table differs from the frames.
 */
async function recover(scene: Scene): Promise<Recovered> {
  const store = openStore(scene.directory, { readOnly: true, durability: 'commit' });
  try {
    const crcs = new Map(MARKETS.map((marketId) => [marketId, [0]]));
    const positions = new Positions();
    const { lastBatch, seqs } = readFrames(store, undefined, (views, at) => {
      const { marketId, crc } = positions.apply(views, at);
      crcs.get(marketId)?.push(crc);
    });
    const acknowledged = new Map(MARKETS.map((marketId) => [marketId, 0]));
    dropPartialLine(scene.acknowledgements);
    const lines = existsSync(scene.acknowledgements)
      ? readFileSync(scene.acknowledgements, 'utf8').split('\n').slice(0, -1)
      : [];
    for (const line of lines) {
      const [marketId, seq, crc] = line.split(' ').map(Number);
      assert.equal(crcs.get(marketId)?.[seq], crc, `market ${marketId}: acknowledged seq ${seq}`);
      acknowledged.set(marketId, seq);
    }
    const report = verifyJournal(store, { quoteUnitsPerTickLot: QUOTE_UNITS });
    assert.deepEqual(report.problems, []);
    return { lastBatch, seqs, acknowledged };
  } finally {
    await store.close();
  }
}

/** Last sequences at the end of a batch. */
async function seqsAt(scene: Scene, batch: number): Promise<Map<number, number>> {
  const store = openStore(scene.directory, { readOnly: true, durability: 'commit' });
  try {
    let frames = 0;
    const seqs = new Map(MARKETS.map((marketId) => [marketId, 0]));
    const tail = readFrames(store, { batch: batch + 1 }, () => undefined).frames;
    const total = readFrames(store, undefined, () => undefined).frames;
    const positions = new Positions();
    readFrames(store, undefined, (views, at) => {
      frames += 1;
      const { marketId, seq } = positions.apply(views, at);
      if (frames <= total - tail) seqs.set(marketId, seq);
    });
    return seqs;
  } finally {
    await store.close();
  }
}

function assertKilled(ending: Ending): void {
  assert.equal(ending.signal, 'SIGKILL', ending.output);
}

describe(`the journal of a killed process (seed ${SEED})`, () => {
  const points = [
    { name: FAIL_BEFORE_WRITE, kept: -1 },
    { name: FAIL_BEFORE_SYNC, kept: 0 },
    { name: FAIL_BEFORE_RELEASE, kept: 0 },
  ];
  for (const { name, kept } of points) {
    it(`dies at ${name} and loses nothing acknowledged, life after life`, async (t) => {
      const directory = temporaryDirectory(t);
      const scene = { directory, acknowledgements: join(directory, 'acknowledged') };
      let batches = 0;
      for (const time of [1, 2, 7, 25]) {
        const ending = await live(scene, 1_000_000, { failpoint: `${name}:${time}` });
        assertKilled(ending);
        const { lastBatch, acknowledged } = await recover(scene);
        assert.equal(lastBatch, batches + time + kept, 'what is on the disk');
        // Whatever was acknowledged lies before the batch in which it died.
        const before = await seqsAt(scene, batches + time - 1);
        for (const marketId of MARKETS) {
          assert.ok((acknowledged.get(marketId) ?? 0) <= (before.get(marketId) ?? 0));
        }
        batches = lastBatch;
      }
    });
  }

  it('is killed at random moments and loses nothing acknowledged', async (t) => {
    const directory = temporaryDirectory(t);
    const scene = { directory, acknowledgements: join(directory, 'acknowledged') };
    const prng = new Prng(SEED);
    let acknowledgedFrames = 0;
    for (let life = 0; life < 8; life += 1) {
      const afterMs = prng.integer(0, 120);
      const ending = await live(scene, 10_000_000, {
        onReady: (child) => void setTimeout(() => child.kill('SIGKILL'), afterMs),
      });
      assertKilled(ending);
      if (!journalExists(directory)) continue;
      const { acknowledged } = await recover(scene);
      acknowledgedFrames = [...acknowledged.values()].reduce((sum, seq) => sum + seq, 0);
    }
    assert.ok(acknowledgedFrames > 1000, 'the lives must have been long enough to mean something');
  });

  it('that ends in an orderly way has everything, and acknowledged everything', async (t) => {
    const directory = temporaryDirectory(t);
    const scene = { directory, acknowledgements: join(directory, 'acknowledged') };
    for (let life = 0; life < 2; life += 1) {
      const ending = await live(scene, 3000);
      assert.equal(ending.code, 0, ending.output);
      const { seqs, acknowledged } = await recover(scene);
      assert.deepEqual(acknowledged, new Map(seqs));
    }
  });

  it('that cannot write any more says so and acknowledges nothing more', async (t) => {
    const directory = temporaryDirectory(t);
    const scene = { directory, acknowledgements: join(directory, 'acknowledged') };
    const ending = await live(scene, 1_000_000, { fileKib: 4096 });
    assert.equal(ending.code, 0, ending.output);
    assert.match(ending.output, /failed batch \d+ was not committed: /);
    const { seqs, acknowledged } = await recover(scene);
    assert.deepEqual(acknowledged, new Map(seqs), 'the failed batch is neither stored nor shown');
    assertKilled(await live(scene, 1_000_000, { failpoint: `${FAIL_BEFORE_RELEASE}:3` }));
    await recover(scene);
  });
});
