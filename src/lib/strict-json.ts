/** What bounds a client's JSON besides its length. */
export interface JsonLimits {
  /** Objects and arrays within each other. */
  readonly depth: number;
  /** Elements of one array, or members of one object. */
  readonly elements: number;
}

/** Why text was refused; the message completes "The request body …". */
export class JsonFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/**
 * Reads JSON the strict way: RFC 8259 syntax, bounded nesting, no member given twice, no
 * `__proto__`, no number that a double does not hold as it was written. What two parsers could
 * understand differently is refused rather than guessed.
 */
export function parseStrictJson(
  text: string,
  limits: JsonLimits,
): { readonly value: unknown } | JsonFault {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new JsonFault(text.trim() === '' ? 'is empty.' : 'is not valid JSON.');
  }
  const message = new Walk(text, limits).fault();
  return message === undefined ? { value } : new JsonFault(message);
}

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** An object or array that is open where the walk stands. */
interface Level {
  /** `undefined` in arrays. */
  readonly names: Set<string> | undefined;
  commas: number;
}

/** Goes over text that is known to be valid JSON, where a string before a colon is a name. */
class Walk {
  private readonly text: string;
  private readonly limits: JsonLimits;
  private readonly open: Level[] = [];

  constructor(text: string, limits: JsonLimits) {
    this.text = text;
    this.limits = limits;
  }

  /** What is wrong with it, or `undefined`. */
  fault(): string | undefined {
    const { text, open } = this;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      let message: string | undefined;
      if (code === QUOTE) {
        const end = endOfString(text, i);
        if (isFollowedByColon(text, end)) message = this.name(text.slice(i, end));
        i = end - 1;
      } else if (code === OPEN_OBJECT) message = this.enter(new Set());
      else if (code === OPEN_ARRAY) message = this.enter(undefined);
      else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) open.pop();
      else if (code === COMMA) message = this.comma();
      else if (code === MINUS || (code >= DIGIT_0 && code <= DIGIT_9)) {
        const end = endOfNumber(text, i);
        message = numberFault(text.slice(i, end));
        i = end - 1;
      }
      if (message !== undefined) return message;
    }
    return undefined;
  }

  private enter(names: Level['names']): string | undefined {
    this.open.push({ names, commas: 0 });
    const { depth } = this.limits;
    return this.open.length > depth ? `is nested deeper than ${depth} levels.` : undefined;
  }

  private name(quoted: string): string | undefined {
    const name = JSON.parse(quoted) as string;
    if (name === '__proto__') return 'has a member named __proto__.';
    const { names } = this.open[this.open.length - 1];
    if (names?.has(name)) return `gives member ${shown(name)} twice.`;
    names?.add(name);
    return undefined;
  }

  private comma(): string | undefined {
    const level = this.open[this.open.length - 1];
    level.commas += 1;
    if (level.commas < this.limits.elements) return undefined;
    return `has more than ${this.limits.elements} elements in one list.`;
  }
}

const NUMBER = /[-+.0-9eE]+/y;
/** Digits up to which every decimal is told apart by a double. */
const SAFE_DIGITS = 15;

function numberFault(token: string): string | undefined {
  if (token.length <= SAFE_DIGITS && !/[eE]/.test(token)) return undefined;
  const value = Number(token);
  const written = significant(token);
  if (Number.isFinite(value) && (written === '' || significant(String(value)) === written)) {
    return undefined;
  }
  return `has the number ${shown(token)}, which is too large or too exact; send it as a string.`;
}

/** The digits that matter: `-0.0120e7` → `12`; zero has none. */
function significant(token: string): string {
  const [digits] = token.split(/[eE]/);
  return digits.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
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

/** Index behind the number that starts at `start`. */
function endOfNumber(text: string, start: number): number {
  NUMBER.lastIndex = start;
  NUMBER.exec(text);
  return NUMBER.lastIndex;
}

function isFollowedByColon(text: string, from: number): boolean {
  let i = from;
  while (text.charCodeAt(i) <= 32) i += 1;
  return text.charCodeAt(i) === COLON;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
