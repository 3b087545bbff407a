import { LIMITS } from '../config/limits.ts';
import type { MarketRegistry } from '../config/markets.ts';
import { ConnectionLimit } from '../gateway/streams/connection-limit.ts';
import { StreamCounters } from '../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSocket,
} from '../gateway/streams/endpoint.ts';
import {
  FORMAT_NAMES,
  formatOf,
  isBinaryFormat,
  negotiateFormat,
} from '../gateway/streams/formats.ts';
import { assert } from '../lib/assert.ts';
import type { Clock } from '../lib/clock.ts';
import { BinaryOut } from '../surfaces/native/binary-out.ts';
import { JsonOut } from '../surfaces/native/json-out.ts';
import type { Contents } from './contents.ts';
import { recordedChannel, variantOf } from './message-head.ts';
import { RecordedSession } from './recorded-session.ts';
import { type RecordedMessage, RecordedTopic, type Writers } from './recorded-topic.ts';

/**
 * `/ws/stream` out of a recording: the same requests, acknowledgements and errors, and the recorded
 * messages byte for byte. It takes no orders, and speaks only the format that was recorded.
 */
export class RecordedStream implements StreamEndpoint {
  readonly name = 'recording';
  readonly path = '/ws/stream';
  readonly counters = new StreamCounters();
  readonly markets: MarketRegistry;
  readonly clock: Clock;
  readonly connectionLimit = new ConnectionLimit(LIMITS.streamConnectionsPerIp);
  /** FORMAT_… of the recording. */
  readonly format: number;
  readonly sessions = new Set<RecordedSession>();
  private readonly contents: Contents;
  private readonly topics = new Map<string, RecordedTopic>();
  private writers: Writers;
  private epoch: number;
  private publisher: Publisher | undefined;

  constructor(contents: Contents, clock: Clock) {
    this.contents = contents;
    this.clock = clock;
    this.markets = contents.markets;
    this.format = (FORMAT_NAMES as readonly string[]).indexOf(contents.header.message_format);
    this.epoch = contents.session.epoch;
    this.writers = this.makeWriters();
    for (const { channel: name, market, interval, seq } of contents.streams) {
      const channel = recordedChannel(name);
      const variant = variantOf(name, interval);
      if (channel === undefined || variant < 0) continue;
      const topic = new RecordedTopic(channel, market, variant, seq);
      this.topics.set(topicKey(name, market.id, variant), topic);
    }
  }

  bind(publisher: Publisher): void {
    this.publisher = publisher;
  }

  errorText(code: string, message: string): string {
    return JSON.stringify({ type: 'error', id: null, code, message });
  }

  negotiate(request: StreamRequest): Negotiation {
    const negotiation = negotiateFormat(request, (code, message) => this.errorText(code, message));
    if ('status' in negotiation || formatOf(request) === this.format) return negotiation;
    const code = 'FORMAT_NOT_RECORDED';
    const name = FORMAT_NAMES[this.format];
    const body = this.errorText(code, `the recording is in ${name}: ask for ?format=${name}`);
    return { status: '400 Bad Request', code, body };
  }

  open(socket: StreamSocket, request: StreamRequest): RecordedSession {
    const welcome = {
      type: 'welcome',
      protocol: this.contents.session.protocol,
      epoch: this.epoch,
      format: FORMAT_NAMES[this.format],
      simulated: this.contents.session.simulated,
      recording: true,
    };
    socket.send(JSON.stringify(welcome));
    const session = new RecordedSession(this, socket, request.clientKey);
    this.sessions.add(session);
    return session;
  }

  topic(channel: string, marketId: number, variant: number): RecordedTopic | undefined {
    return this.topics.get(topicKey(channel, marketId, variant));
  }

  /** Publishes a recorded message as it is. */
  relay(message: RecordedMessage): void {
    const { publisher } = this;
    assert(publisher !== undefined, 'a stream publishes after it was bound');
    const { channel, market: named, variant } = message.head;
    const marketId = typeof named === 'number' ? named : this.marketId(named);
    const topic = this.topic(channel, marketId, variant);
    if (topic === undefined) return;
    topic.take(message);
    const receivers = publisher.numSubscribers(topic.name);
    if (receivers === 0) return;
    publisher.publish(topic.name, message.bytes, isBinaryFormat(this.format));
    this.counters.sent(message.bytes.length, receivers);
  }

  /** What a subscriber of the topic starts from. */
  start(topic: RecordedTopic, options: Parameters<RecordedTopic['start']>[2]) {
    this.clock.tick();
    return topic.start(this.writers, this.format, options);
  }

  /** The recorded server had been started anew, or the recording begins again. */
  restart(epoch: number): void {
    this.epoch = epoch;
    this.writers = this.makeWriters();
    const isFirst = epoch === this.contents.session.epoch;
    for (const topic of this.topics.values()) topic.reset(isFirst);
  }

  get currentEpoch(): number {
    return this.epoch;
  }

  /** Book messages whose checksum did not agree. */
  get faults(): number {
    let sum = 0;
    for (const topic of this.topics.values()) sum += topic.faults;
    return sum;
  }

  /** Bytes that wait for the slowest reader. */
  get backlogBytes(): number {
    let most = 0;
    for (const session of this.sessions) most = Math.max(most, session.bufferedBytes);
    return most;
  }

  private marketId(name: string): number {
    const colon = name.indexOf(':');
    return this.markets.resolve(name.slice(0, colon), name.slice(colon + 1))?.id ?? 0;
  }

  private makeWriters(): Writers {
    return {
      json: new JsonOut(this.epoch, this.clock),
      binary: new BinaryOut(this.epoch, this.clock),
    };
  }
}

function topicKey(channel: string, marketId: number, variant: number): string {
  return `${channel}/${marketId}/${variant}`;
}
