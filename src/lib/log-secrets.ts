import type { LoggerOptions } from 'pino';

const HIDDEN = '[hidden]';
/** Members that hold a credential wherever they stand; matched in the finished line. */
const MEMBERS =
  /"((?:x-api-(?:key|secret)|authorization|cookie|password|secret|api_?secret|(?:access_|refresh_)?token)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
const QUERY = /([?&](?:access_|refresh_)?token=|[?&]api_(?:key|secret)=)[^&\s"\\]+/gi;
const BEARER = /\b(Bearer|Basic) +[A-Za-z0-9._~+/-]+=*/gi;
/** A JSON Web Token, wherever it got into a message. */
const JWT = /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*/g;

/** A log line without the secrets that got into it. */
export function hideSecrets(line: string): string {
  return line
    .replace(MEMBERS, `"$1"${HIDDEN}"`)
    .replace(QUERY, `$1${HIDDEN}`)
    .replace(BEARER, `$1 ${HIDDEN}`)
    .replace(JWT, HIDDEN);
}

/**
 * Options for a pino logger. Nothing here logs a credential on purpose; this is for the error whose
 * message quotes what it choked on.
 */
export function secretsHidden(): Pick<LoggerOptions, 'hooks'> {
  return { hooks: { streamWrite: hideSecrets } };
}
