import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Of the repository, and of a published package alike. */
export const ANSWERS_FILE = fileURLToPath(
  new URL('../../../config/example-answers.json', import.meta.url),
);

/** What a server answered to the examples of the documents, by operation id. */
export function readAnswers(): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(ANSWERS_FILE, 'utf8')) as Record<string, unknown>;
}
