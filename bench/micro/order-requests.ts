import type { OrderView } from '../../src/gateway/venue.ts';
import { readBinaryRequest } from '../../src/surfaces/native/binary-requests.ts';
import { BinaryRequestId } from '../../src/surfaces/native/binary-values.ts';
import { loneAnswer } from '../../src/surfaces/native/order-answer.ts';
import { parsePlace } from '../../src/surfaces/native/place-request.ts';
import { ReplyWriter } from '../../src/surfaces/native/reply-writer.ts';
import { parseEnvelope, type RequestId } from '../../src/surfaces/native/requests.ts';
import {
  encodeRequest,
  jsonRequest,
  type RequestCase,
} from '../../test/support/binary-requests.ts';
import { InstantVenue } from '../../test/support/instant-venue.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';

const PLACE: RequestCase = {
  op: 'order.place',
  market: 1,
  terms: { side: 0, type: 0, quantity: 100, price: 15_050, client_order_id: 'bench-0000000001' },
};

/** One thing that both formats do. */
interface Step {
  readonly name: string;
  readonly json: () => unknown;
  readonly flatbuffers: () => unknown;
}

/**
 * What an order costs the gateway in its wire form alone: from a frame's bytes to the terms that the
 * venue is asked with, and from the order back to a frame's bytes. JSON and FlatBuffers take turns.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const steps = makeSteps();
  const batch = smoke ? 500 : 4_000;
  const rounds = smoke ? 3 : 21;
  const rows = steps.map(({ name, json, flatbuffers }) => {
    const nanos: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds + 3; round += 1) {
      for (const [at, work] of [json, flatbuffers].entries()) {
        const taken = time(work, batch);
        if (round >= 3) nanos[at].push(taken);
      }
    }
    const [jsonNs, fbNs] = nanos.map((list) => percentile(list, 0.5));
    return {
      step: name,
      'JSON CPU ns': three(jsonNs),
      'FlatBuffers CPU ns': three(fbNs),
      ratio: three(jsonNs / fbNs),
      'JSON bytes allocated': three(allocated(json, batch)),
      'FlatBuffers bytes allocated': three(allocated(flatbuffers, batch)),
    };
  });
  const binary = encodeRequest(1, PLACE).length;
  return {
    name: 'order-requests',
    rows,
    notes: [
      `median of ${rounds} rounds of ${batch}; a limit order with a client order id, ${jsonBytes().length} bytes in JSON, ${binary} in FlatBuffers`,
      'left out: socket, credentials, limits, ledger, matching, journal, which are the same code for both',
    ],
  };
}

function makeSteps(): Step[] {
  const venue = new InstantVenue();
  const writer = new ReplyWriter();
  const text = jsonBytes();
  const frame = encodeRequest(1, PLACE);
  const fromJson = () => parsePlace(parseEnvelope(text.toString('utf8')), venue.markets);
  const fromBinary = () => parsePlace(readBinaryRequest(frame), venue.markets);
  const answer = loneAnswer(placed(venue, fromBinary()));
  const reply = (id: RequestId) => () => writer.order(id, answer);
  const [toJson, toBinary] = [reply(1), reply(new BinaryRequestId(1))];
  return [
    { name: 'request → terms', json: fromJson, flatbuffers: fromBinary },
    // A text is turned into bytes by the socket, which is part of what it costs.
    {
      name: 'order → reply',
      json: () => Buffer.from(toJson() as string),
      flatbuffers: toBinary,
    },
    {
      name: 'both',
      json: () => [fromJson(), Buffer.from(toJson() as string)],
      flatbuffers: () => [fromBinary(), toBinary()],
    },
  ];
}

function jsonBytes(): Buffer {
  const market = new InstantVenue().markets.get(1);
  if (market === undefined) throw new Error('there is no market 1');
  return Buffer.from(JSON.stringify(jsonRequest(1, PLACE, market)));
}

function placed(venue: InstantVenue, [{ terms }]: ReturnType<typeof parsePlace>): OrderView {
  let view: OrderView | null = null;
  venue.place({ ...terms, userId: 7, portfolioId: 2 }, ({ order }) => {
    view = order;
  });
  if (view === null) throw new Error('the order was not placed');
  return view;
}

/** Nanoseconds of this process' CPU per call, whatever else the machine does. */
function time(work: () => unknown, times: number): number {
  const start = process.cpuUsage();
  for (let i = 0; i < times; i += 1) work();
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / times;
}

/** Bytes of the heap per call, buffers of typed arrays included; of a short run without a collection. */
function allocated(work: () => unknown, batch: number): number {
  const times = Math.min(batch, 2_000);
  globalThis.gc?.();
  const sum = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const before = sum();
  for (let i = 0; i < times; i += 1) work();
  return Math.max(0, sum() - before) / times;
}
