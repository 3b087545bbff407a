import type { Canonical } from './canonical.ts';
import type { OrderFile } from './order-file.ts';
import type { SurveyResult } from './survey-run.ts';

const MEASURED =
  'One thread reads the 40-byte messages from memory, translates each into a command record and ' +
  'matches it; a second thread drains all events through a shared ring into memory meanwhile. ' +
  'Reading the file, formatting and SHA-256 are outside the clock.';

/** The report as it is printed with `--json`: snake case, seconds, ticks, messages. */
export interface SurveyReport {
  readonly file: string;
  readonly format: 'survey';
  readonly messages: number;
  readonly new_orders: number;
  readonly cancels: number;
  readonly modifies: number;
  readonly reports: number;
  readonly report_counts: Canonical['counts'];
  /** Of the canonical report stream, hexadecimal. */
  readonly sha256: string;
  /** New orders that were not taken because their id rested; the stream has no line for them. */
  readonly duplicate_ids: number;
  readonly resting_orders: number;
  /** `null` where the side is empty. */
  readonly best_bid: number | null;
  readonly best_ask: number | null;
  /** Medians over the passes: until all is matched and published; until all is drained too. */
  readonly messages_per_second: number;
  readonly messages_per_second_drained: number;
  readonly passes: readonly {
    readonly matching_seconds: number;
    readonly drained_seconds: number;
    readonly room_waits: number;
  }[];
  readonly measured: string;
}

export function surveyReport(path: string, file: OrderFile, result: SurveyResult): SurveyReport {
  const { passes } = result;
  const speed = (seconds: number[]): number => Math.round(file.messages / median(seconds));
  return {
    file: path,
    format: 'survey',
    messages: file.messages,
    new_orders: file.newOrders,
    cancels: file.cancels,
    modifies: file.modifies,
    reports: result.reports,
    report_counts: result.counts,
    sha256: result.sha256,
    duplicate_ids: result.duplicateIds,
    resting_orders: result.restingOrders,
    best_bid: result.bestBid,
    best_ask: result.bestAsk,
    messages_per_second: speed(passes.map((pass) => pass.matchingSeconds)),
    messages_per_second_drained: speed(passes.map((pass) => pass.drainedSeconds)),
    passes: passes.map((pass) => ({
      matching_seconds: pass.matchingSeconds,
      drained_seconds: pass.drainedSeconds,
      room_waits: pass.roomWaits,
    })),
    measured: MEASURED,
  };
}

/** The same for people. */
export function formatSurvey(report: SurveyReport): string {
  const { new_orders, cancels, modifies, passes } = report;
  const counts = Object.entries(report.report_counts).map(([name, count]) => `${name} ${count}`);
  const lines = [
    `${report.file} (survey)`,
    `messages     ${report.messages}: ${new_orders} new, ${cancels} cancel, ${modifies} modify`,
    `reports      ${report.reports}: ${counts.join(', ')}`,
    `sha256       ${report.sha256}`,
    `book         ${report.resting_orders} orders rest, ` +
      `best ${report.best_bid ?? 'none'} / ${report.best_ask ?? 'none'}`,
    `messages/s   ${report.messages_per_second} matched and published, ` +
      `${report.messages_per_second_drained} until drained too (median of ${passes.length})`,
    `passes       ${passes.map((pass) => milliseconds(pass.matching_seconds)).join(', ')}`,
    `measured     ${MEASURED}`,
  ];
  if (report.duplicate_ids > 0) {
    lines.push(`duplicates   ${report.duplicate_ids} new orders had an id that rested: not taken`);
  }
  return `${lines.join('\n')}\n`;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
