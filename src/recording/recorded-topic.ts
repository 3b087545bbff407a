import type { Message } from '../codec/generated/openbell/stream/message.ts';
import type { Market } from '../domain/markets.ts';
import { FORMAT_JSON } from '../gateway/streams/formats.ts';
import type { BinaryOut } from '../surfaces/native/binary-out.ts';
import type { ChannelOptions, MarketChannel } from '../surfaces/native/channels/channel.ts';
import type { JsonOut } from '../surfaces/native/json-out.ts';
import type { MessageHead } from './message-head.ts';
import { type JsonBook, RecordedBook } from './recorded-book.ts';

/** Messages kept of one stream from its newest state on, for who joins. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** Channels of which every message is all that there is to know. */
const ALWAYS_WHOLE: ReadonlySet<string> = new Set([
  'bbo',
  'ticker',
  'funding',
  'open_interest',
  'features',
  'predictions',
]);

/** The product's writers of messages. */
export interface Writers {
  readonly json: JsonOut;
  readonly binary: BinaryOut;
}

/** A message of market data as recorded. */
export interface RecordedMessage {
  readonly head: MessageHead;
  readonly bytes: Buffer;
  /** Parsed: of a text frame, or of a binary one. */
  readonly json?: Readonly<Record<string, unknown>>;
  readonly binary?: Message;
}

/**
 * One recorded stream, and what a subscriber who joins in its middle starts from:
 *
 * - of `book` a snapshot of the book as it stands, made by the product's own encoder, which the next
 *   recorded delta continues;
 * - of channels whose every message is a state, the newest message;
 * - of other channels with a state, the newest recorded state and all that followed it;
 * - of channels without a state, nothing.
 */
export class RecordedTopic {
  readonly name: string;
  readonly channel: MarketChannel;
  readonly market: Market;
  readonly variant: number;
  /** Sequence of the newest message played, or of the acknowledgement before the first. */
  seq: number;
  private readonly firstSeq: number;
  private readonly book: RecordedBook | undefined;
  private kept: Buffer[] = [];
  private keptBytes = 0;
  private hasState = false;
  /** The newest state lies further back than is kept. */
  private overflown = false;

  /** @param firstSeq sequence in the recorded acknowledgement */
  constructor(channel: MarketChannel, market: Market, variant: number, firstSeq: number) {
    this.name = `recording/${channel.name}/${market.id}/${variant}`;
    this.channel = channel;
    this.market = market;
    this.variant = variant;
    this.firstSeq = firstSeq;
    this.seq = firstSeq;
    this.book = channel.name === 'book' ? new RecordedBook(market) : undefined;
  }

  /** Book messages whose checksum did not agree with the book rebuilt from the recording. */
  get faults(): number {
    return this.book?.faults ?? 0;
  }

  /** True when nobody can begin here until a state is recorded again. */
  get isLost(): boolean {
    return this.overflown;
  }

  /** Back to before the first message; of another epoch than the recording's first, to nothing. */
  reset(isFirst: boolean): void {
    this.seq = isFirst ? this.firstSeq : 0;
    this.forget();
  }

  take({ head, bytes, json, binary }: RecordedMessage): void {
    const continues = head.prevSeq === this.seq;
    this.seq = head.seq;
    if (this.book !== undefined) {
      if (json !== undefined) this.book.applyJson(head, json as unknown as JsonBook);
      else if (binary !== undefined) this.book.applyBinary(head, binary);
      return;
    }
    if (this.channel.json.state === undefined) return;
    const isState = ALWAYS_WHOLE.has(this.channel.name) || head.prevSeq === head.seq;
    // Where the recorder missed something nobody can begin before the next state.
    if (isState || !continues) this.forget();
    this.hasState ||= isState;
    if (!this.hasState) return;
    // A copy: what was read shares its memory with the frames around it.
    this.kept.push(Buffer.from(bytes));
    this.keptBytes += bytes.length;
    if (this.keptBytes <= KEPT_BYTES_MAX) return;
    this.drop();
    this.overflown = true;
  }

  /** What a subscriber starts from; none where no state has been played yet. */
  start(writers: Writers, format: number, options: ChannelOptions): readonly Uint8Array[] {
    const { book, channel } = this;
    if (book === undefined) return this.kept;
    if (!book.known) return [];
    const bytes =
      format === FORMAT_JSON
        ? channel.json.state?.(writers.json, book.view, options, 0)
        : channel.binary.state?.(writers.binary, book.view, options, 0);
    return bytes === undefined ? [] : [bytes];
  }

  private forget(): void {
    this.book?.forget();
    this.drop();
    this.overflown = false;
  }

  private drop(): void {
    this.kept = [];
    this.keptBytes = 0;
    this.hasState = false;
  }
}
