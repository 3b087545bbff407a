import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { recordingPath } from './recordings.ts';

/** Something that passed between a client and an exchange, as it was. */
export type RecordedStep =
  | {
      readonly kind: 'frame';
      readonly connection: string;
      readonly text: string;
      readonly atMs: number;
    }
  | { readonly kind: 'reply'; readonly url: string; readonly text: string; readonly atMs: number }
  | { readonly kind: 'connect'; readonly connection: string; readonly url: string }
  | { readonly kind: 'send'; readonly connection: string; readonly text: string };

/** Reads a recording of either kind: `<time> <frame>` lines, or lines of JSON by cryptofeed. */
export function readRecording(name: string): RecordedStep[] {
  const text = gunzipSync(readFileSync(recordingPath(`raw-ws/${name}`))).toString();
  const lines = text.split('\n').filter((line) => line !== '');
  return name.startsWith('cryptofeed') ? lines.flatMap(cryptofeedStep) : lines.map(plainStep);
}

/** The frames of a recording, in their order. */
export function framesOf(name: string): string[] {
  return readRecording(name).flatMap((step) => (step.kind === 'frame' ? step.text : []));
}

function plainStep(line: string): RecordedStep {
  const space = line.indexOf(' ');
  const digits = line.slice(0, space);
  // Nanoseconds have 19 digits, microseconds 16.
  const atMs = Number(digits.slice(0, 13));
  return { kind: 'frame', connection: 'recorded', text: line.slice(space + 1), atMs };
}

interface CryptofeedLine {
  readonly t: string;
  readonly conn?: string;
  readonly ts?: number;
  readonly url?: string;
  readonly addr?: string;
  readonly data?: string;
}

function cryptofeedStep(line: string): RecordedStep[] {
  const {
    t,
    conn = '',
    ts = 0,
    url = '',
    addr = '',
    data = '',
  } = JSON.parse(line) as CryptofeedLine;
  const atMs = Math.floor(ts * 1000);
  if (t === 'recv') return [{ kind: 'frame', connection: conn, text: data, atMs }];
  if (t === 'http') return [{ kind: 'reply', url, text: data, atMs }];
  if (t === 'connect') return [{ kind: 'connect', connection: conn, url: addr }];
  return t === 'send' ? [{ kind: 'send', connection: conn, text: data }] : [];
}
