import { AssertionError } from '../../../lib/assert.ts';
import type { BinaryOut } from '../binary-out.ts';
import type { JsonOut } from '../json-out.ts';
import {
  type ChannelCodec,
  type ChannelRefusal,
  type MarketChannel,
  ONE_VARIANT,
  PLAIN_OPTIONS,
} from './channel.ts';
import { CountedPositions } from './counted-positions.ts';

/** A channel that nothing feeds on this server: it is known by name, and says why there is nothing. */
export function absentChannel(name: string, code: number, refusal: ChannelRefusal): MarketChannel {
  const positions = new CountedPositions();
  return {
    name,
    code,
    bodyTypes: [],
    fields: [],
    variants: ONE_VARIANT,
    conflation: 'always',
    parse: () => PLAIN_OPTIONS,
    refusal: () => refusal,
    position: (view) => positions.of(view),
    json: silent<JsonOut>(name),
    binary: silent<BinaryOut>(name),
  };
}

function silent<Out>(name: string): ChannelCodec<Out> {
  return {
    update: () => {
      throw new AssertionError(`channel ${name} has no source, so nothing of it changes`);
    },
  };
}
