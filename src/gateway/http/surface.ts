import type { TSchema } from 'typebox';
import type { AddressList } from '../../lib/address-list.ts';
import type { RateLimitRule } from './rate-limiter.ts';
import type { Refusal } from './refusal.ts';

/** What the server must know of an API surface besides its routes. */
export interface Surface {
  readonly name: string;
  /** The name that people know it by. */
  readonly title: string;
  /** What it is for, in a sentence or two. */
  readonly description: string;
  /** Each ends in `/`. A path that no route owns is answered by the surface with the longest match. */
  readonly prefixes: readonly string[];
  readonly rateLimits: Readonly<Record<string, RateLimitRule>>;
  /** The category of requests that match no route. */
  readonly defaultLimit: string;
  /** True when pages of every origin may read the replies. */
  readonly openCors: boolean;
  /** True where an API key without its secret may read, because no secret is documented. */
  readonly keyAlone?: boolean;
  /** Where clients of this surface must come from; absent or empty: from anywhere. */
  readonly allowedAddresses?: AddressList;
  /** True where errors are told in the language that `Accept-Language` asks for. */
  readonly isMultilingual?: boolean;
  /** Sent with every reply of this surface. */
  readonly replyHeaders: readonly (readonly [string, string])[];
  /** A request header with a say in whether the request is served, e.g. a version. */
  readonly admissionHeader?: {
    /** Lower case. */
    readonly name: string;
    readonly description: string;
    /** `value` is `''` when the header is absent. */
    check(value: string): Refusal | undefined;
  };
  /** The body of an error. */
  readonly errorSchema: TSchema;
  errorReply(refusal: Refusal, context: ErrorContext): ErrorReply;
}

export interface ErrorContext {
  readonly requestId: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** The header, where the surface is multilingual; else `''`. */
  readonly acceptLanguage: string;
}

export interface ErrorReply {
  readonly status: number;
  readonly body: object;
}
