import { LIMITS } from '../../src/config/limits.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { MarketView } from '../../src/projections/market-view.ts';
import { BinaryOut } from '../../src/surfaces/native/binary-out.ts';
import { PLAIN_OPTIONS } from '../../src/surfaces/native/channels/channel.ts';
import {
  type ChannelVenue,
  marketChannels,
} from '../../src/surfaces/native/channels/market-channels.ts';
import { JsonOut } from '../../src/surfaces/native/json-out.ts';
import { InstantVenue } from './instant-venue.ts';

/** Writes messages of any channel in one codec. Results are valid until its next message. */
export interface ChannelEncoder {
  update(channel: string, view: MarketView, variant?: number): Uint8Array;
  /** @param depth levels of each side, of a book */
  state(channel: string, view: MarketView, depth?: number): Uint8Array;
}

/** Both codecs of every channel, as the native stream uses them. */
export function channelEncoders(
  epoch: number,
  clock: Clock,
  venue: ChannelVenue = new InstantVenue(),
): { json: ChannelEncoder; binary: ChannelEncoder } {
  const channels = new Map(marketChannels(venue).map((channel) => [channel.name, channel]));
  const jsonOut = new JsonOut(epoch, clock);
  const binaryOut = new BinaryOut(epoch, clock);
  const options = (depth: number = LIMITS.snapshotLevels) => ({ ...PLAIN_OPTIONS, depth });
  return {
    json: {
      update: (name, view, variant = 0) => channels.get(name)!.json.update(jsonOut, view, variant),
      state: (name, view, depth) =>
        channels.get(name)!.json.state!(jsonOut, view, options(depth), 0),
    },
    binary: {
      update: (name, view, variant = 0) =>
        channels.get(name)!.binary.update(binaryOut, view, variant),
      state: (name, view, depth) =>
        channels.get(name)!.binary.state!(binaryOut, view, options(depth), 0),
    },
  };
}
