/** Why something about users or credentials was not done. */
export type RefusedReason =
  | 'wrong_credentials'
  | 'too_many_failures'
  | 'busy'
  | 'taken'
  | 'invalid'
  | 'forbidden'
  | 'not_found'
  | 'too_many';

export interface RefusedOptions {
  /** Names the culprit among what was given. */
  readonly parameter?: string;
  /** The culprit, where it may be shown. */
  readonly value?: unknown;
  /** Whole seconds. */
  readonly retryAfterSeconds?: number;
}

export class IdentityRefused {
  readonly reason: RefusedReason;
  /** May be shown to the client. */
  readonly message: string;
  readonly parameter: string | undefined;
  readonly value: unknown;
  /** 0 where waiting does not help. */
  readonly retryAfterSeconds: number;

  constructor(reason: RefusedReason, message: string, options: RefusedOptions = {}) {
    this.reason = reason;
    this.message = message;
    this.parameter = options.parameter;
    this.value = options.value;
    this.retryAfterSeconds = options.retryAfterSeconds ?? 0;
  }
}
