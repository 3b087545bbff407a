/**
 * A process that is killed: a gateway and two market workers in one thread, and the real journal
 * thread. Every frame that it may see, because it is said to be durable, it acknowledges by a line
 * `market seq crc` in a file.
 *
 *   node journal-child.js <directory> <seed> <groups> <acknowledgements>
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { JournalProxy } from '../../src/journal/journal-proxy.ts';
import { Prng } from '../../src/lib/prng.ts';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { READER_GATEWAY, READER_JOURNAL } from '../../src/rings/roles.ts';
import { MarketFlow, Positions, QUOTE_UNITS, RING_MARKETS } from './kill-scene.ts';
import { FLOW_GROUP_BYTES_MAX } from './order-flow.ts';

const [directory, seedText, groupsText, acknowledgements] = process.argv.slice(2);
const seed = Number(seedText);
const log = openSync(acknowledgements, 'a');
const rings = RING_MARKETS.map(() => Ring.create(1 << 18, 2));
const venueRing = Ring.create(1 << 14, 2);
const bell = new Doorbell();
const gatewayBell = new Doorbell();
let failure: string | undefined;

const journal = await JournalProxy.start({
  directory,
  durability: 'commit',
  eventRings: rings.map(({ buffer, readers }) => ({ buffer, readers })),
  venueRing: { buffer: venueRing.buffer, readers: venueRing.readers },
  quoteUnitsPerTickLot: QUOTE_UNITS,
  bell,
  gatewayBell,
  onFailure: (detail) => {
    failure = detail;
  },
});
const positions = new Positions();
const producers = rings.map((ring) => new RingProducer(ring));
const readers = rings.map((ring) => new RingReader(ring, READER_GATEWAY, READER_JOURNAL));
const flows = RING_MARKETS.flatMap((markets, ring) =>
  markets.map((marketId) => {
    const flow = new MarketFlow(marketId, seed);
    flow.windTo(journal.ready.lastSeqs.get(marketId) ?? 0, positions);
    flow.moveTo(producers[ring]);
    return flow;
  }),
);
const prng = new Prng(seed + 1000 * journal.ready.epoch);
process.stdout.write(`ready ${journal.ready.lastBatch}\n`);

let groups = Number(groupsText);
while (groups > 0 && failure === undefined) {
  publishSome();
  await gatewayBell.waitAsync(() => readers.some((reader) => reader.hasNext()), 1);
  acknowledge();
}
await journal.stop();
acknowledge();
closeSync(log);
process.stdout.write(failure === undefined ? 'stopped\n' : `failed ${failure}\n`);

/** Now and then one group alone, now and then a flood. */
function publishSome(): void {
  const burst = prng.chance(0.3) ? prng.integer(100, 400) : prng.integer(1, 10);
  for (let i = 0; i < burst && groups > 0; i += 1) {
    const flow = flows[prng.integer(0, flows.length - 1)];
    if (!flow.writer.producer.canClaim(2 * FLOW_GROUP_BYTES_MAX)) break;
    flow.next();
    groups -= 1;
  }
  for (const producer of producers) producer.publish();
  bell.ring();
}

function acknowledge(): void {
  let lines = '';
  for (const reader of readers) {
    for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
      const { marketId, seq, crc } = positions.apply(reader.ring, at);
      lines += `${marketId} ${seq} ${crc}\n`;
    }
    reader.release();
  }
  if (lines !== '') writeSync(log, lines);
}
