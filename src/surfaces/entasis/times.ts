/** Whole seconds, as this surface writes times over REST: `2024-03-21T09:30:00Z`. */
export function secondsText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
