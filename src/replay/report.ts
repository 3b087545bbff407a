import { isAuctionFaithful } from './auction-comparison.ts';
import { type Counts, total } from './counts.ts';
import { UNEXPLAINED } from './maker-matching.ts';

export interface MakerMatches {
  /** Fills for which our book chose the resting order that the exchange chose. */
  readonly matched: number;
  /** Fills of orders the recording knows. */
  readonly total: number;
  /** Of the matched, those whose aggressor's fills the file lists in another order than ours. */
  readonly listed_in_other_order: number;
  /** All others, by reason; docs/replay.md says what proves each. */
  readonly exceptions: Counts;
}

export interface BookComparison {
  readonly file: string;
  readonly rows_compared: number;
  readonly rows_equal: number;
  /** Rows that differ in what no message told, by name. */
  readonly rows_explained: Counts;
  readonly rows_unexplained: number;
  readonly examples: readonly string[];
}

export interface StateComparison {
  readonly file: string;
  /** Changes of the best prices and quantities of our book. */
  readonly states_compared: number;
  /** Those found in the file, in its order; `null` when the two differ too much to tell. */
  readonly states_found: number | null;
  readonly states_in_file: number;
}

/** One auction: ours beside the recorded one. */
export interface AuctionOutcome {
  /** Row of the recording at which the auction's event ends. */
  readonly row: number;
  /** Decimal text; `null` when nothing traded. */
  readonly price: string | null;
  readonly recorded_price: string | null;
  readonly volume_lots: number;
  readonly recorded_volume_lots: number;
  /** Orders that traded in the recorded auction, and those that traded the same quantity in ours. */
  readonly orders: number;
  readonly orders_matched: number;
  /** Orders that traded in ours alone. */
  readonly orders_unexpected: number;
  /** Price levels of the deeper of both books after it, both sides, and those that differ. */
  readonly levels_after: number;
  readonly levels_different: number;
  readonly example: string | null;
}

/** What a replay has to say at its end; the field names are those of `--json`. */
export interface ReplayReport {
  readonly file: string;
  readonly format: string;
  /** `replay:AAPL` */
  readonly market: string;
  /** Decimal text, in USD. */
  readonly tick: string;
  readonly from: string;
  readonly rows: number;
  readonly actions: number;
  readonly commands: number;
  /** Records of the market seen after they were durable: echoes of commands and their events. */
  readonly events: number;
  readonly wall_seconds: number;
  readonly events_per_second_durable: number;
  readonly orders_per_second: number;
  /** Trades the replay caused. */
  readonly executions: number;
  readonly auctions: readonly AuctionOutcome[];
  readonly maker_matches: MakerMatches;
  readonly unknown_references: Counts;
  readonly skipped_rows: Counts;
  /** What was done beyond one action per row, by name. */
  readonly adjustments: Counts;
  /** Commands that the book refused, by result code. */
  readonly rejected: Counts;
  /** Commands of which no outcome came. */
  readonly unanswered: number;
  readonly book: BookComparison | null;
  readonly states: StateComparison | null;
  /** Last request that a former run had made durable; 0 when the replay began at the beginning. Every
   * figure but `rows` is then of the rest alone. */
  readonly resumed_from: number;
  /** True when it was stopped before the end of the file. */
  readonly stopped: boolean;
  /** The engine's state when it was over; `null` until the venue has asked the market's worker. */
  readonly state_hash: string | null;
}

/** True when nothing is left that the report cannot explain. */
export function isFaithful(report: ReplayReport): boolean {
  const unexplained = report.maker_matches.exceptions[UNEXPLAINED] ?? 0;
  const bookDiffers = report.book !== null && report.book.rows_unexplained > 0;
  if (!report.auctions.every(isAuctionFaithful)) return false;
  return unexplained === 0 && !bookDiffers && report.unanswered === 0;
}

/** The report as aligned lines of text, ending in a newline. */
export function formatReport(report: ReplayReport): string {
  const lines: [string, string][] = [
    ['file', report.file],
    ['format', `${report.format}, from ${report.from}`],
    ['market', `${report.market}, tick ${report.tick} USD`],
    ['rows', number(report.rows)],
    ['actions', `${number(report.actions)} (${number(report.commands)} commands sent)`],
    ['events', `${number(report.events)} durable`],
    ['wall time', `${report.wall_seconds.toFixed(3)} s`],
    ['events/s durable', number(Math.round(report.events_per_second_durable))],
    ['orders/s', number(Math.round(report.orders_per_second))],
    ['executions', number(report.executions)],
    ...report.auctions.flatMap(auctionLines),
    ...makerLines(report.maker_matches),
    ['unknown references', counts(report.unknown_references)],
    ['skipped rows', counts(report.skipped_rows)],
    ['adjustments', counts(report.adjustments)],
    ['rejected', counts(report.rejected)],
  ];
  if (report.unanswered > 0) lines.push(['unanswered', number(report.unanswered)]);
  if (report.book !== null) lines.push(...bookLines(report.book));
  if (report.states !== null) {
    const { file, states_compared, states_found, states_in_file } = report.states;
    const found = states_found === null ? 'too different to tell' : number(states_found);
    lines.push(['top-of-book states', `${number(states_compared)}, found in order: ${found}`]);
    lines.push(['', `of ${number(states_in_file)} in ${file}`]);
  }
  if (report.resumed_from > 0) {
    lines.push([
      'resumed',
      `after request ${number(report.resumed_from)}; figures are of the rest`,
    ]);
  }
  if (report.stopped) lines.push(['stopped', 'before the end of the file']);
  lines.push(['state hash', report.state_hash ?? 'not asked for']);
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return lines.map(([name, value]) => `${name.padEnd(width)}${value}\n`).join('');
}

function makerLines(makers: MakerMatches): [string, string][] {
  const all = `${number(makers.matched)} of ${number(makers.total)}`;
  const reordered = makers.listed_in_other_order;
  const order = reordered > 0 ? ` (${number(reordered)} listed in another order)` : '';
  return [
    ['maker matches', `${all}${order}`],
    ['  exceptions', counts(makers.exceptions)],
  ];
}

function auctionLines(auction: AuctionOutcome): [string, string][] {
  const { price, recorded_price: recorded, volume_lots: lots, orders, levels_after } = auction;
  const lines: [string, string][] = [
    ['auction', `${lots} at ${price}; recorded ${auction.recorded_volume_lots} at ${recorded}`],
    ['  orders', `${auction.orders_matched} of ${orders} traded what is recorded`],
    [
      '  book after it',
      `${levels_after - auction.levels_different} of ${levels_after} levels equal`,
    ],
  ];
  if (auction.example !== null) lines.push(['', auction.example]);
  return lines;
}

function bookLines(book: BookComparison): [string, string][] {
  const lines: [string, string][] = [
    ['book rows', `${number(book.rows_compared)} compared with ${book.file}`],
    ['  equal', number(book.rows_equal)],
    ['  explained', counts(book.rows_explained)],
    ['  unexplained', number(book.rows_unexplained)],
  ];
  for (const example of book.examples) lines.push(['', example]);
  return lines;
}

function counts(of: Counts): string {
  if (total(of) === 0) return 'none';
  return Object.entries(of)
    .map(([name, count]) => `${name} ${number(count)}`)
    .join(', ');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
