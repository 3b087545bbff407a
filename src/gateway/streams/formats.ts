import type { Negotiation, StreamRequest } from './endpoint.ts';

export const SUBPROTOCOL_FLATBUFFERS = 'openbell.fb.v1';
export const SUBPROTOCOL_JSON = 'openbell.json.v1';
export const FORMAT_JSON = 0;
export const FORMAT_FLATBUFFERS = 1;
/** Wire names by `FORMAT_…`. */
export const FORMAT_NAMES = ['json', 'flatbuffers'] as const;

/** Subprotocols by `FORMAT_…`. */
const SUBPROTOCOLS: readonly string[] = [SUBPROTOCOL_JSON, SUBPROTOCOL_FLATBUFFERS];

/**
 * Answers the format that a client asks for, by subprotocol or by `?format=`. A subprotocol that
 * nobody here knows is passed over, a format by name is refused.
 * @param errorText the path's form of an error
 */
export function negotiateFormat(
  request: StreamRequest,
  errorText: (code: string, message: string) => string,
): Negotiation {
  const asked = new URLSearchParams(request.query).get('format');
  if (asked !== null && !FORMAT_NAMES.some((name) => name === asked)) {
    const code = 'INVALID_FORMAT';
    const body = errorText(code, `"format" is one of ${FORMAT_NAMES.join(', ')}`);
    return { status: '400 Bad Request', code, body };
  }
  return { subprotocol: request.subprotocols.find((name) => SUBPROTOCOLS.includes(name)) ?? '' };
}

/**
 * The format of an accepted connection, FORMAT_…: the query decides where it names one, else the
 * first subprotocol that is known, else it is JSON.
 */
export function formatOf(request: StreamRequest): number {
  const asked = new URLSearchParams(request.query).get('format');
  if (asked !== null) return asked === 'flatbuffers' ? FORMAT_FLATBUFFERS : FORMAT_JSON;
  const known = request.subprotocols.find((name) => SUBPROTOCOLS.includes(name));
  return known === SUBPROTOCOL_FLATBUFFERS ? FORMAT_FLATBUFFERS : FORMAT_JSON;
}

/** True when market data of the format goes out in binary frames. */
export function isBinaryFormat(format: number): boolean {
  return format === FORMAT_FLATBUFFERS;
}
