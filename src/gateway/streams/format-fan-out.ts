import { assert } from '../../lib/assert.ts';
import type { StreamCounters } from './counters.ts';
import type { Publisher, StreamSocket } from './endpoint.ts';
import { FORMAT_NAMES, isBinaryFormat } from './formats.ts';

/** What tells the topics of a path apart, such as a market's id. */
export type TopicId = number | string;

/** Writes a message in one format. REUSED: the bytes are valid until the next call. */
export type FormatEncoder<Source> = (source: Source) => Uint8Array;

/** One encoder for each format. */
export interface FormatEncoders<Source> {
  readonly json: FormatEncoder<Source>;
  readonly flatbuffers: FormatEncoder<Source>;
}

/**
 * A surface's topics, each in every format: a message is encoded once per format that somebody
 * listens in, and not at all where nobody does. A path that has this, `negotiateFormat` and
 * `formatOf` speaks both formats.
 */
export class FormatFanOut<Source> {
  private readonly prefix: string;
  private readonly counters: StreamCounters;
  private readonly encoders: readonly FormatEncoder<Source>[];
  /** Topic names: id → format. */
  private readonly topics = new Map<TopicId, readonly string[]>();
  private publisher: Publisher | undefined;

  /** @param prefix of topic names: distinct among all paths of the server, without format and id */
  constructor(prefix: string, counters: StreamCounters, encoders: FormatEncoders<Source>) {
    this.prefix = prefix;
    this.counters = counters;
    this.encoders = FORMAT_NAMES.map((name) => encoders[name]);
  }

  bind(publisher: Publisher): void {
    this.publisher = publisher;
  }

  /** @param format FORMAT_… */
  topic(format: number, id: TopicId): string {
    let names = this.topics.get(id);
    if (names === undefined) {
      names = FORMAT_NAMES.map((name) => `${this.prefix}/${name}/${id}`);
      this.topics.set(id, names);
    }
    return names[format];
  }

  /** Forgets a topic that nobody has subscribed to any more. */
  forget(id: TopicId): void {
    this.topics.delete(id);
  }

  hasListeners(id: TopicId): boolean {
    const publisher = this.bound();
    return FORMAT_NAMES.some((_, format) => publisher.numSubscribers(this.topic(format, id)) > 0);
  }

  /** Sends to everybody who listens to the topic. @returns how many they are */
  publish(id: TopicId, source: Source): number {
    const publisher = this.bound();
    let sum = 0;
    for (let format = 0; format < this.encoders.length; format += 1) {
      const topic = this.topic(format, id);
      const receivers = publisher.numSubscribers(topic);
      if (receivers === 0) continue;
      const bytes = this.encoders[format](source);
      publisher.publish(topic, bytes, isBinaryFormat(format));
      this.counters.sent(bytes.length, receivers);
      sum += receivers;
    }
    return sum;
  }

  /** Sends to one socket, in its format. */
  send(socket: StreamSocket, format: number, source: Source): void {
    const bytes = this.encoders[format](source);
    if (isBinaryFormat(format)) socket.send(bytes);
    else socket.sendText(bytes);
  }

  private bound(): Publisher {
    assert(this.publisher !== undefined, 'a stream publishes after it was bound');
    return this.publisher;
  }
}
