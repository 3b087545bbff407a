import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { CONFIG, Harness } from './naive-harness.ts';
import { commandStreams, SCENES } from './naive-streams.ts';

/**
 * Prints the SHA-256 of everything that the engine writes for seeded command streams of every
 * scene, and of the states they end in: the same number on every Node, or the engine is not
 * deterministic. `node dist/test/support/matching-hash.js [SEED]`
 */
const seed = Number(process.argv[2] ?? 1);
const STREAMS = 40;
const STREAM_LENGTH = 250;

const hash = createHash('sha256');
let commands = 0;
for (const scene of SCENES) {
  for (const stream of fc.sample(commandStreams(scene, STREAM_LENGTH), {
    seed,
    numRuns: STREAMS,
  })) {
    const engine = new Harness({ ...CONFIG, ...scene.config });
    for (const command of stream) engine.run(command);
    for (const record of engine.written) hash.update(record);
    hash.update(engine.machine.stateHash());
    commands += stream.length;
  }
}
console.log(`${hash.digest('hex')} of ${commands} commands, seed ${seed}`);
