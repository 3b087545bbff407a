import { CANCEL_REASON_NAMES, SELF_TRADE_NAMES } from '../../src/domain/orders.ts';
import { RESULT_NAMES, resultName } from '../../src/domain/result-codes.ts';
import type { Group } from './naive-harness.ts';
import { HELD_NAMES, WORK_NAMES } from './naive-lines.ts';
import { EVENT_NAMES } from './naive-records.ts';

/** Every kind of thing that a book can say: types of events, codes, reasons, continued work. */
export const ALL_KINDS: readonly string[] = [
  ...EVENT_NAMES,
  ...[...RESULT_NAMES].filter(([code]) => code >= 400).map(([, name]) => name),
  'ORDER_POOL_FULL',
  ...CANCEL_REASON_NAMES.slice(1).map((name) => `cancelled ${name}`),
  ...HELD_NAMES.slice(1).flatMap((name) => [`held ${name}`, `triggered ${name}`]),
  ...SELF_TRADE_NAMES.slice(1).map((name) => `prevented ${name}`),
  ...WORK_NAMES.slice(1).map((name) => `work ${name}`),
];

/** Counts what groups say, by kind: so that a run can show that everything happened in it. */
export class Reached {
  readonly counts = new Map<string, number>(ALL_KINDS.map((kind) => [kind, 0]));

  note({ work, events }: Group): void {
    if (work !== '') this.count(`work ${work.split(' ')[0]}`);
    for (const event of events) {
      this.count(event.type);
      const { type } = event;
      if (type === 'rejected' || type === 'refused') this.count(resultName(Number(event.code)));
      else if (type === 'cancelled') {
        this.count(`cancelled ${CANCEL_REASON_NAMES[Number(event.reason)]}`);
      } else if (type === 'held' || type === 'triggered') {
        this.count(`${type} ${HELD_NAMES[Number(event.why)]}`);
      } else if (type === 'prevented') {
        this.count(`prevented ${SELF_TRADE_NAMES[Number(event.mode)]}`);
      }
    }
  }

  /** What never happened. */
  missing(): string[] {
    return ALL_KINDS.filter((kind) => this.counts.get(kind) === 0);
  }

  private count(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}
