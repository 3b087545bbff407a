import type { Static, TSchema } from 'typebox';
import type { Principal, Scope } from '../../identity/principal.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Venue } from '../venue.ts';
import type { Refusal } from './refusal.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call: anyone; holders of a credential; for scrapers on the same machine also anyone who
 * connects from it directly; or whoever the handler finds good, where the credential is another
 * than those for requests (a refresh token).
 */
export type RouteAuth = 'public' | 'required' | 'required_unless_local' | 'checked_by_handler';

/** A handler returns this when it will call `context.settle` later. */
export const LATER = Symbol('the reply follows');

/** A reply that is more than a JSON value with the route's success status. */
export class Answer {
  readonly body: string | Uint8Array;
  readonly contentType: string;
  /** `undefined`: the route's success status. */
  readonly status: number | undefined;
  readonly headers: readonly (readonly [string, string])[];

  private constructor(body: string | Uint8Array, contentType: string, options: AnswerOptions) {
    this.body = body;
    this.contentType = contentType;
    this.status = options.status;
    this.headers = options.headers ?? [];
  }

  static json(value: object, options: AnswerOptions = {}): Answer {
    return new Answer(JSON.stringify(value), JSON_TYPE, options);
  }

  /**
   * Text, or bytes of UTF-8, that are already in their wire form. Bytes are sent at once, when the
   * handler returns or settles, and may be used again after that.
   */
  static encoded(
    body: string | Uint8Array,
    contentType = JSON_TYPE,
    options: AnswerOptions = {},
  ): Answer {
    return new Answer(body, contentType, options);
  }
}

export const JSON_TYPE = 'application/json';

interface AnswerOptions {
  readonly status?: number;
  readonly headers?: readonly (readonly [string, string])[];
}

/** A value to be sent as JSON, a full answer, a refusal, or `LATER`. */
export type Outcome = object | Answer | Refusal | typeof LATER;

export interface RequestContext<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Who calls; `null` on public routes and for local callers of `required_unless_local`. */
  readonly principal: Principal | null;
  /**
   * The caller's address on public and on audited routes; `''` where a credential says who calls.
   */
  readonly clientIp: string;
  readonly requestId: string;
  /** Value of the `Authorization` header where the handler checks it, else `''`. */
  readonly authorization: string;
  /** The value of a header that the route names in `headers`; `''` when it is absent. */
  header(name: string): string;
  readonly venue: Venue;
  readonly clock: Clock;
  /** Gives the reply of a handler that returned `LATER`; a second call is ignored. */
  settle(outcome: Exclude<Outcome, typeof LATER>): void;
  /** Has a function called when the client goes away before it was answered; the last one given. */
  onAbandoned(listener: () => void): void;
}

/** What a document says of an endpoint, and no request is served by. */
export interface RouteDescription {
  /** One line. */
  readonly summary: string;
  /** More than a line, Markdown. */
  readonly description?: string;
  /** The body of a success. */
  readonly response?: TSchema;
  /** Of a success; JSON unless told. */
  readonly contentType?: string;
  /** Statuses besides the success' own that come with the same body, e.g. 503 of a health check. */
  readonly otherStatuses?: readonly number[];
  /** Values with which a new venue serves a request. */
  readonly examples?: RouteExamples;
  /**
   * What the handler itself refuses, one of each code. What comes from `auth`, `scope`, the schemas
   * and the limit is known without it.
   */
  readonly refusals?: readonly Refusal[];
}

export interface RouteExamples {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
}

export interface RouteSpec<P extends TSchema, Q extends TSchema, B extends TSchema>
  extends RouteDescription {
  readonly method: Method;
  /**
   * `{name}` stands for one segment; `{name+}` at the end for one or more, joined by `/`. Literal
   * segments win over parameters. A trailing slash in a request makes no difference.
   */
  readonly path: string;
  /** Name of the surface whose error shape, limits and headers apply. */
  readonly surface: string;
  readonly auth: RouteAuth;
  /** The scope a caller needs; `null` when any credential will do. */
  readonly scope: Scope | null;
  /** Only an access token will do: an API key must not make or change credentials. */
  readonly tokenOnly?: boolean;
  /** The handler writes to the audit trail, so the caller's address is looked up. */
  readonly audited?: boolean;
  /** The request may come without a body; it is `undefined` then. */
  readonly bodyOptional?: boolean;
  /** Rate-limit category of the surface. */
  readonly limit: string;
  /** Names, lower case, of headers that the handler asks `context.header` for. */
  readonly headers?: readonly string[];
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly successStatus: number;
  handler(context: RequestContext<Static<P>, Static<Q>, Static<B>>): Outcome | Promise<Outcome>;
}

/** A route whose schemas' types have done their work. */
export interface Route extends Omit<RouteSpec<TSchema, TSchema, TSchema>, 'handler'> {
  handler(context: RequestContext): Outcome | Promise<Outcome>;
}

/** Declares an endpoint; the schemas give the handler's types. */
export function defineRoute<
  P extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
>(spec: RouteSpec<P, Q, B>): Route {
  return spec as unknown as Route;
}
