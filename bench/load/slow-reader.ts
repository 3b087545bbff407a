import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { ServerProcess } from '../../test/support/server-process.ts';
import { type BenchOptions, type BenchResult, percentile } from '../support/result.ts';
import { middle, pulseOf, TickReaders, warmUp } from '../support/tick-readers.ts';

const ORDERS_PER_SECOND = '1500';
const READERS = 5;
const ROUNDS = 4;
const ROUND_MS = 22_000;
const CASES = [0, 1, 10] as const;

const NOTES = [
  `${READERS} subscribers to orders_book of all markets under ${ORDERS_PER_SECOND} simulated orders a second stamp every event; beside ` +
    'them so many connections that subscribe to book, orders_book and trades of everything and read nothing.',
  'Rounds by turns on one server, medians over them; the deaf connections of a round are new ones, so it contains the filling of ' +
    'their buffers, their being slow, and their end.',
  'wire: from the making of the message to the subscriber, that is what others on the sockets could delay.',
  'ended for it: deaf connections that the server closed or cut off within a round (a client that reads nothing is cut 10 s after its bound is reached).',
];

interface Round {
  readonly total: readonly number[];
  readonly wire: readonly number[];
  readonly queuedBytes: number;
  readonly drops: number;
  readonly slowEnds: number;
}

/** Whether one who does not read moves what others feel. */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  mkdirSync('bench/results', { recursive: true });
  const directory = mkdtempSync('bench/results/slow-reader-');
  const server = await ServerProcess.start(directory, {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: ORDERS_PER_SECOND,
  });
  const readers = CASES.map(() => new TickReaders());
  try {
    await warmUp(smoke ? 300 : 3000);
    const rounds = CASES.map((): Round[] => []);
    for (let round = 0; round < (smoke ? 1 : ROUNDS); round += 1) {
      for (const [i, deaf] of CASES.entries()) {
        await readers[i].open(server, READERS);
        await readers[i].deaf(deaf);
        const before = await pulseOf(server);
        const measured = readers[i].measure(smoke ? 300 : ROUND_MS);
        await warmUp(smoke ? 100 : ROUND_MS / 2);
        const { queuedBytes } = await pulseOf(server);
        const { totalMicros, wireMicros } = await measured;
        const after = await pulseOf(server);
        const shares = [0.5, 0.99, 0.999];
        rounds[i].push({
          total: shares.map((share) => percentile(totalMicros, share)),
          wire: shares.map((share) => percentile(wireMicros, share)),
          queuedBytes,
          drops: after.drops - before.drops,
          slowEnds: after.slowEnds - before.slowEnds,
        });
        await readers[i].close();
      }
    }
    const rows = CASES.map((deaf, i) => row(deaf, rounds[i]));
    return { name: 'slow-reader', rows, notes: NOTES };
  } finally {
    for (const each of readers) each.end();
    await server.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  }
}

function row(deaf: number, rounds: readonly Round[]) {
  const of = (read: (round: Round) => number): number => Math.round(middle(rounds.map(read)));
  return {
    'deaf connections': deaf,
    'p50 µs': of(({ total }) => total[0]),
    'p99 µs': of(({ total }) => total[1]),
    'p99.9 µs': of(({ total }) => total[2]),
    'wire p50 µs': of(({ wire }) => wire[0]),
    'wire p99 µs': of(({ wire }) => wire[1]),
    'wire p99.9 µs': of(({ wire }) => wire[2]),
    'queued KiB': of(({ queuedBytes }) => queuedBytes / 1024),
    'messages lost': of(({ drops }) => drops),
    'ended for it': of(({ slowEnds }) => slowEnds),
  };
}
