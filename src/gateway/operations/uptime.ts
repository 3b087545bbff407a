import type { VenueEvent } from '../../domain/venue-events.ts';

interface Absence {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Absences that are remembered, the newest. */
const KEPT = 1000;

/** When the venue was there, from the facts of its starts. */
export class Uptime {
  private readonly absences: Absence[] = [];
  private firstMs = 0;

  apply(event: VenueEvent): void {
    if (event.kind !== 'VenueStarted') return;
    if (this.firstMs === 0) this.firstMs = event.formerMs || event.atMs;
    if (event.formerMs === 0) return;
    this.absences.push({ fromMs: event.formerMs, toMs: event.atMs });
    if (this.absences.length > KEPT) this.absences.shift();
  }

  /** Share of a period in which the venue was there, as far as it goes back; 0 to 1. */
  share(fromMs: number, toMs: number): number {
    const beginMs = Math.max(fromMs, this.firstMs);
    if (toMs <= beginMs) return 1;
    let awayMs = 0;
    for (const absence of this.absences) {
      const overlapMs = Math.min(absence.toMs, toMs) - Math.max(absence.fromMs, beginMs);
      awayMs += Math.max(0, overlapMs);
    }
    return Math.max(0, 1 - awayMs / (toMs - beginMs));
  }
}
