import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Of the repository, and of a published package alike. */
const inConfig = (name: string) =>
  fileURLToPath(new URL(`../../../config/${name}`, import.meta.url));

export const ANSWERS_FILE = inConfig('example-answers.json');
export const MESSAGES_FILE = inConfig('example-messages.json');

/** What a server answered to the examples of the document, by operation id. */
export function readAnswers(): Readonly<Record<string, unknown>> {
  return read(ANSWERS_FILE);
}

/** What a server sent over its sockets, by `SOCKET.MESSAGE`. */
export function readMessages(): Readonly<Record<string, unknown>> {
  return read(MESSAGES_FILE);
}

function read(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}
