import { Ajv } from 'ajv';
import type { Static, TSchema } from 'typebox';
import { failure, type RestFailure } from './result.ts';

// Exchanges add fields without notice: only what is read is described, and the rest may be anything.
const ajv = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true });

/** A parsed reply, or why it is none. */
export type ReplyCheck<T> = (
  text: string,
) => { readonly isOk: true; readonly value: T } | RestFailure;

/** Makes the check of a reply: it has to be JSON, and of this shape. */
export function replyCheck<S extends TSchema>(schema: S): ReplyCheck<Static<S>> {
  const validate = ajv.compile(schema);
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return failure('BAD_REPLY', `no JSON: ${JSON.stringify(text.slice(0, 60))}`);
    }
    if (validate(value)) return { isOk: true, value: value as Static<S> };
    const [error] = validate.errors ?? [];
    return failure('BAD_REPLY', `${error?.instancePath || '/'} ${error?.message}`);
  };
}
