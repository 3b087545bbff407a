import { PHRASES, senseOf, type WordSense } from './lexicon.ts';

/** How far a direction looks for what moves, and a negator for what it turns round, in words. */
const SUBJECT_REACH = 4;
const NEGATION_REACH = 3;
/** A denied fact says less than its contrary. */
const NEGATED = -0.6;
/** "Despite", "although": what follows is conceded. */
const CONCEDED = 0.3;
/** "But": what follows is what the headline is about, what came before is not. */
const BEFORE_BUT = 0.6;
/** Sum of weights at which the score is 1/√2: a single strong word is no certainty. */
const SATURATION = 3.5;

const CONCESSIONS = new Set(['despite', 'although', 'though', 'notwithstanding']);
const CLAUSE_ENDS = new Set([',', ';', ':', '-', 'as', 'after', 'but', 'while', 'despite', 'on']);

interface Token {
  readonly text: string;
  readonly sense: WordSense;
}

interface PhraseTree {
  weight?: number;
  readonly next: Map<string, PhraseTree>;
}

const phrases: PhraseTree = { next: new Map() };
for (const [phrase, weight] of PHRASES) {
  let node = phrases;
  for (const word of phrase.split(' ')) {
    const next = node.next.get(word) ?? { next: new Map() };
    node.next.set(word, next);
    node = next;
  }
  node.weight = weight;
}

/**
 * How good the news of a headline is for whom it is about, by a lexicon with negation, phrases, and
 * figures that move ("losses narrow", "cuts jobs").
 * @returns -1 (very bad) to 1 (very good); 0 where no word says anything
 */
export function scoreHeadline(headline: string): number {
  const tokens = tokenise(headline);
  let sum = 0;
  let clause = 1;
  let at = 0;
  while (at < tokens.length) {
    const { text } = tokens[at];
    if (CONCESSIONS.has(text)) clause = CONCEDED;
    else if (text === 'but' || text === 'yet') {
      sum *= BEFORE_BUT;
      clause = 1;
    } else if (text === ';') clause = 1;
    const phrase = phraseAt(tokens, at);
    if (phrase !== undefined) {
      sum += clause * phrase.weight * negation(tokens, at);
      at += phrase.words;
    } else {
      sum += clause * weightOf(tokens, at) * negation(tokens, at) * degree(tokens, at);
      at += 1;
    }
  }
  return sum / Math.hypot(sum, SATURATION);
}

function tokenise(headline: string): Token[] {
  const words = headline
    .toLowerCase()
    .replaceAll('’', "'")
    .match(/\d+-(?=month|year|week|day)|[a-z0-9&]+(?:[-'][a-z0-9]+)*|[,;:]| - /g);
  return (words ?? []).map((word) => {
    const text = word.trim();
    return { text, sense: senseOf(text.replace(/'s$/, '')) };
  });
}

/** The longest phrase that begins here. */
function phraseAt(
  tokens: readonly Token[],
  at: number,
): { weight: number; words: number } | undefined {
  let node: PhraseTree | undefined = phrases;
  let found: { weight: number; words: number } | undefined;
  for (let i = at; i < tokens.length; i += 1) {
    node = node.next.get(tokens[i].text);
    if (node === undefined) break;
    if (node.weight !== undefined) found = { weight: node.weight, words: i - at + 1 };
  }
  return found;
}

/** What a word adds: a direction together with what moves, else the word's own weight. */
function weightOf(tokens: readonly Token[], at: number): number {
  const { weight, direction, subject } = tokens[at].sense;
  if (direction === 0) {
    // A figure counts by its movement where one stands beside it.
    return subject !== 0 && hasDirection(tokens, at) ? 0 : weight;
  }
  const strength = Math.max(1.2, Math.abs(weight));
  return direction * subjectOf(tokens, at) * strength;
}

/** 1 if what moves is a good thing or not told, -1 if it is a bad one. The nearest one counts. */
function subjectOf(tokens: readonly Token[], at: number): number {
  for (let reach = 1; reach <= SUBJECT_REACH; reach += 1) {
    for (const i of [at + reach, at - reach]) {
      const subject = tokens[i]?.sense.subject ?? 0;
      if (subject !== 0 && sameClause(tokens, at, i)) return subject;
    }
  }
  return 1;
}

function hasDirection(tokens: readonly Token[], at: number): boolean {
  for (let i = at - SUBJECT_REACH; i <= at + SUBJECT_REACH; i += 1) {
    if (i !== at && (tokens[i]?.sense.direction ?? 0) !== 0 && sameClause(tokens, at, i))
      return true;
  }
  return false;
}

function sameClause(tokens: readonly Token[], one: number, other: number): boolean {
  for (let i = Math.min(one, other); i <= Math.max(one, other); i += 1) {
    if (CLAUSE_ENDS.has(tokens[i].text)) return false;
  }
  return true;
}

function negation(tokens: readonly Token[], at: number): number {
  for (let i = Math.max(0, at - NEGATION_REACH); i < at; i += 1) {
    if (tokens[i].sense.negates && sameClause(tokens, i, at)) return NEGATED;
  }
  return 1;
}

function degree(tokens: readonly Token[], at: number): number {
  const before = tokens[at - 1]?.sense.degree ?? 1;
  return before === 1 ? (tokens[at + 1]?.sense.degree ?? 1) : before;
}
