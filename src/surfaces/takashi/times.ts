/** Whole seconds since the Unix epoch as this surface writes them: `2025-11-19T12:00:00Z`. */
export function isoSeconds(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
