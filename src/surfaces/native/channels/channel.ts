import type { ChannelPosition, MarketView } from '../../../projections/market-view.ts';
import type { BinaryOut } from '../binary-out.ts';
import type { JsonOut } from '../json-out.ts';
import type { RequestId } from '../requests.ts';

/** What a subscription asks for beside channel and market. */
export interface ChannelOptions {
  /** Which of the channel's streams of a market: an index of `variants`. */
  readonly variant: number;
  /** Levels of each side in a snapshot of a book, or bars to start from. */
  readonly depth: number;
  /** True when a slow client shall get the newest state in place of what it has no time for. */
  readonly conflate: boolean;
}

/** Why a market does not have a channel. */
export interface ChannelRefusal {
  /** Upper-case and stable, e.g. `NOT_A_PERPETUAL`. */
  readonly code: string;
  readonly message: string;
}

/**
 * How one codec writes a channel's messages. Both codecs state the same facts of the same view, which
 * is settled. Results are REUSED: valid until the codec's next message.
 */
export interface ChannelCodec<Out> {
  /** What happened since the last publication. */
  update(out: Out, view: MarketView, variant: number): Uint8Array;
  /**
   * What a client starts from: the state as published, with `prev_seq` equal to `seq`.
   * @param conflated messages that it stands for beside itself, to a client that was slow
   */
  state?(out: Out, view: MarketView, options: ChannelOptions, conflated: number): Uint8Array;
}

/**
 * One channel of a market's data. A new channel is a file that makes one of these, and its entry in
 * `market-channels.ts`.
 */
export interface MarketChannel {
  readonly name: string;
  /** Its number in the binary schema's `Channel`. */
  readonly code: number;
  /** Types of its bodies in the binary schema. */
  readonly bodyTypes: readonly number[];
  /** Fields of a subscription that are its own; others are refused with `INVALID_REQUEST`. */
  readonly fields: readonly string[];
  /** Those among them that tell one stream from another, so that an unsubscription names them too. */
  readonly streamFields?: readonly string[];
  /** Its streams of one market by the name in a topic; one without a name unless there are more. */
  readonly variants: readonly string[];
  /** `always`: a newer state makes an older one useless; `asked`: only to who says so. */
  readonly conflation: 'always' | 'asked' | 'never';
  /** Reads its own fields of a subscription; throws `StreamRequestError`. */
  parse(id: RequestId, body: Readonly<Record<string, unknown>>): ChannelOptions;
  /** Why this market does not have it; `undefined` when it has. */
  refusal?(view: MarketView): ChannelRefusal | undefined;
  position(view: MarketView, variant: number): ChannelPosition;
  /** Told before a view is published and after: of channels that count their messages themselves. */
  settle?(view: MarketView): void;
  clear?(view: MarketView): void;
  /** What the acknowledgement says beside the markets. */
  acknowledgement?(options: ChannelOptions): object;
  /** Told when somebody begins to listen to a market, and when nobody has for a while. */
  follow?(view: MarketView, wanted: boolean): void;
  readonly json: ChannelCodec<JsonOut>;
  readonly binary: ChannelCodec<BinaryOut>;
}

/** Of a channel that has nothing to ask for. */
export const PLAIN_OPTIONS: ChannelOptions = { variant: 0, depth: 0, conflate: false };
/** Of a channel with one stream per market. */
export const ONE_VARIANT: readonly string[] = [''];
