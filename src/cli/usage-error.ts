/** The command line is not as the help says. */
export class UsageError extends Error {
  readonly code = 'ERR_PARSE_ARGS_USAGE';
}
