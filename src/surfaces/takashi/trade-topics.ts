import type { StreamCounters } from '../../gateway/streams/counters.ts';
import type { Publisher } from '../../gateway/streams/endpoint.ts';
import { type FormatEncoder, FormatFanOut } from '../../gateway/streams/format-fan-out.ts';
import type { Listener } from './stream.ts';
import type { TradeEvent } from './trade-event.ts';
import { TradeFlatBuffers, type TradeKind, TradeMessageWriter } from './trade-messages.ts';

/** Events of a market, or of all, from a value on; it is there while someone listens. */
interface Topic {
  readonly id: string;
  /** Least value in units of the quote currency, inclusive. */
  readonly minValue: number;
  listeners: number;
}

/** Who listens to the events of one kind on one path, by what they want to hear of. */
export class TradeTopics {
  private readonly fanOut: FormatFanOut<TradeEvent>;
  /** By market id, 0 for all markets together: topics by least value. */
  private readonly scopes = new Map<number, Map<number, Topic>>();

  constructor(prefix: string, kind: TradeKind, counters: StreamCounters) {
    const json = new TradeMessageWriter(kind);
    const flatbuffers = new TradeFlatBuffers(kind);
    this.fanOut = new FormatFanOut(prefix, counters, {
      json: once((event) => json.write(event)),
      flatbuffers: once((event) => flatbuffers.write(event)),
    });
  }

  bind(publisher: Publisher): void {
    this.fanOut.bind(publisher);
  }

  get isEmpty(): boolean {
    return this.scopes.size === 0;
  }

  /** @param scope market id, 0 for all @returns what ends it */
  join({ socket, format }: Listener, scope: number, minValue: number): () => void {
    let topics = this.scopes.get(scope);
    if (topics === undefined) {
      topics = new Map();
      this.scopes.set(scope, topics);
    }
    let topic = topics.get(minValue);
    if (topic === undefined) {
      topic = { id: `${scope}/${minValue}`, minValue, listeners: 0 };
      topics.set(minValue, topic);
    }
    const joined = topic;
    joined.listeners += 1;
    const name = this.fanOut.topic(format, joined.id);
    socket.subscribe(name);
    return () => {
      socket.unsubscribe(name);
      joined.listeners -= 1;
      if (joined.listeners === 0) this.forget(scope, joined);
    };
  }

  /** Tells an event to those who want to hear of it. @param scope as above */
  tell(scope: number, event: TradeEvent): void {
    const topics = this.scopes.get(scope);
    if (topics === undefined) return;
    const value = event.valueUnits / 10 ** event.market.quote.decimals;
    for (const { id, minValue } of topics.values()) {
      if (value >= minValue) this.fanOut.publish(id, event);
    }
  }

  private forget(scope: number, { id, minValue }: Topic): void {
    const topics = this.scopes.get(scope);
    topics?.delete(minValue);
    if (topics?.size === 0) this.scopes.delete(scope);
    this.fanOut.forget(id);
  }
}

/** An encoder that writes an event once, however many topics it is told in. */
function once(write: FormatEncoder<TradeEvent>): FormatEncoder<TradeEvent> {
  let last: TradeEvent | undefined;
  let bytes = new Uint8Array();
  return (event) => {
    if (event !== last) {
      bytes = write(event) as typeof bytes;
      last = event;
    }
    return bytes;
  };
}
