import { invalidParameter, Refusal } from './refusal.ts';

/**
 * Reads a raw query string into one text per name. A name given twice or broken percent encoding
 * is refused: no endpoint takes lists, so a second value would be dropped silently.
 */
export function parseQueryString(raw: string): Record<string, string> | Refusal {
  const query: Record<string, string> = Object.create(null);
  if (raw === '') return query;
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) {
      return new Refusal('malformed', 'INVALID_QUERY', 'The query string is not decodable.', {
        details: { parameter: 'query', value: pair.slice(0, 80) },
      });
    }
    if (name in query) return invalidParameter(name, value, `${name} is given twice`);
    query[name] = value;
  }
  return query;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
