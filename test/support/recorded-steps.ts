import { ActionSink } from '../../src/replay/action-sink.ts';
import type { Step } from '../../src/replay/actions.ts';
import { MboEvents, MboParser } from '../../src/replay/databento-mbo.ts';
import { parseLobster } from '../../src/replay/lobster.ts';
import { LobsterMapping } from '../../src/replay/lobster-mapping.ts';
import { MboMapping } from '../../src/replay/mbo-mapping.ts';
import { QueueBook } from '../../src/replay/queue-book.ts';

const SIDES = ['buy', 'sell'];
const TIFS = ['', ' ioc', ' fok'];
const AMEND_MODES = ['to total', 'to', 'by'];

/** A step in words, as the tables of the mapping tests write it. */
export function inWords(step: Step): string {
  switch (step.kind) {
    case 'place': {
      const { side, qtyLots, priceTicks, tif, clientOrderId, expected, exception } = step;
      const order = `${SIDES[side]} ${qtyLots}@${priceTicks}${TIFS[tif]}`;
      if (expected === null) return `${order} as ${clientOrderId}`;
      const makers = expected.map(({ id, qtyLots: lots }) => `${lots} of ${id}`).join(', ');
      return `${order} meets ${makers}${exception === null ? '' : ` (${exception})`}`;
    }
    case 'amend': {
      const price = step.priceTicks === 0 ? '' : ` at ${step.priceTicks}`;
      return `amend ${step.clientOrderId} ${AMEND_MODES[step.mode]} ${step.qtyLots}${price}`;
    }
    case 'cancel':
      return `cancel ${step.clientOrderId}`;
    case 'print':
      return `print ${SIDES[step.side] ?? 'unknown'} ${step.qtyLots}@${step.priceTicks}`;
    case 'phase': {
      const name = ['continuous', 'halt', 'pre-open'][step.phase];
      if (step.expected === null) return name;
      const { priceTicks, volumeLots, fills } = step.expected;
      const orders = fills.map(({ id, qtyLots }) => `${qtyLots} of ${id}`).join(', ');
      return `${name}, auction of ${volumeLots}@${priceTicks}: ${orders}`;
    }
    case 'cancel_all':
      return 'cancel all';
    case 'row_end':
      return 'row end';
    case 'auction_end': {
      const levels = (side: readonly number[]): string =>
        side.flatMap((value, i) => (i % 2 === 0 ? [`${side[i + 1]}@${value}`] : [])).join(' ');
      return `after it bids ${levels(step.bids)}, asks ${levels(step.asks)}`;
    }
  }
}

/** What LOBSTER rows ask for, in words; prices are dollars times 10 000, the tick is a cent. */
export function lobsterActions(rows: readonly string[]): { words: string[]; sink: ActionSink } {
  const sink = new ActionSink(new QueueBook());
  const mapping = new LobsterMapping(sink, { priceUnitsPerTick: 100, midnightSeconds: 0 });
  rows.forEach((text, i) => {
    const message = parseLobster(text);
    mapping.begin(message, i + 1);
    mapping.apply(message);
  });
  return { words: sink.take().map(inWords), sink };
}

export const MBO_HEADER =
  'ts_recv,ts_event,publisher_id,instrument_id,action,side,price_e9,size,channel_id,order_id,flags,' +
  'ts_in_delta,sequence';

/**
 * An MBO row from a short form, `action side price size id [flags]`, with prices in ticks of 0.25.
 * Flags default to 128, the last record of its event.
 */
export function mboRow(short: string, time: string): string {
  const [action, side, ticks, size, id, flags = '128'] = short.split(' ');
  const price = Number(ticks) * 250_000_000;
  return `0,${time},1,17,${action},${side},${price},${size},0,${id},${flags},0,0`;
}

/** What MBO rows in the short form ask for, in words. Each event is a moment of its own. */
export function mboActions(
  events: readonly string[][],
  fromCall = false,
): { words: string[]; sink: ActionSink } {
  const sink = new ActionSink(new QueueBook());
  const mapping = new MboMapping(sink, 250_000_000);
  const parser = new MboParser(MBO_HEADER);
  const assembled = new MboEvents();
  let row = 0;
  events.forEach((event, moment) => {
    event.forEach((short, i) => {
      row += 1;
      const isLast = i === event.length - 1;
      const text = mboRow(
        isLast ? short : `${short} 0`,
        String(1_700_000_000_000_000_000n + BigInt(moment)),
      );
      for (const whole of assembled.add(parser.parse(text, row))) {
        if (fromCall && whole[0].row === 1) mapping.call(whole[0]);
        mapping.apply(whole);
      }
    });
  });
  return { words: sink.take().map(inWords), sink };
}
