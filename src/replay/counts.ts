/** Counts by name, as they stand in the report. */
export type Counts = Record<string, number>;

export function countOne(counts: Counts, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

export function addCounts(to: Counts, from: Counts): void {
  for (const [name, count] of Object.entries(from)) countOne(to, name, count);
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
