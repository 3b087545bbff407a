import { Refusal } from './refusal.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a JSON body the strict way: valid UTF-8, RFC 8259 syntax, no member given twice, no
 * `__proto__`. What two parsers could understand differently is refused rather than guessed.
 */
export function parseStrictJson(bytes: Uint8Array): { readonly value: unknown } | Refusal {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
  } catch {
    return invalidJson('The request body is not valid UTF-8.');
  }
  try {
    value = JSON.parse(text);
  } catch {
    return invalidJson(
      text.trim() === '' ? 'The request body is empty.' : 'The request body is not valid JSON.',
    );
  }
  const offence = forbiddenMember(text);
  return offence === undefined ? { value } : invalidJson(offence);
}

function invalidJson(message: string): Refusal {
  return new Refusal('malformed', 'INVALID_JSON', message);
}

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;

/**
 * Walks text that is known to be valid JSON, where a string followed by a colon is always a
 * member's name. Returns what is wrong, or `undefined`.
 */
function forbiddenMember(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (char === '{' || char === '[') open.push(new Set());
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = endOfString(text, i);
      if (isFollowedByColon(text, end)) {
        const name = JSON.parse(text.slice(i, end)) as string;
        if (name === '__proto__') return 'The request body has a member named __proto__.';
        const names = open[open.length - 1];
        if (names.has(name)) return `The request body gives member ${shown(name)} twice.`;
        names.add(name);
      }
      i = end - 1;
    }
  }
  return undefined;
}

/** Index behind the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  for (;;) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i + 1;
    i += code === BACKSLASH ? 2 : 1;
  }
}

function isFollowedByColon(text: string, from: number): boolean {
  let i = from;
  while (text.charCodeAt(i) <= 32) i += 1;
  return text.charCodeAt(i) === COLON;
}

function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}
