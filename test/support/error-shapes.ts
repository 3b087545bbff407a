import assert from 'node:assert/strict';

/** What a body must be to be an error of its surface, and the code it gives 401 and 403. */
interface ErrorShape {
  /** Paths of all members that an error always has. */
  readonly members: readonly string[];
  /** Path of the code; `undefined` where the surface documents none. */
  readonly code?: string;
  readonly codes: Readonly<Record<401 | 403 | 404, string | undefined>>;
}

const SHAPES: Readonly<Record<string, ErrorShape>> = {
  velocimex: {
    members: ['error.code', 'error.message', 'error.details'],
    code: 'error.code',
    codes: { 401: 'AUTHENTICATION_ERROR', 403: 'AUTHENTICATION_ERROR', 404: 'INVALID_PARAMETER' },
  },
  flashmm: {
    members: [
      'error.code',
      'error.message',
      'error.details',
      'error.timestamp',
      'error.request_id',
      'error.documentation_url',
    ],
    code: 'error.code',
    codes: { 401: 'UNAUTHORIZED', 403: 'INSUFFICIENT_PERMISSIONS', 404: 'NOT_FOUND' },
  },
  octopus: {
    members: ['error', 'message', 'details', 'timestamp', 'request_id'],
    code: 'error',
    codes: { 401: 'AuthenticationError', 403: 'Forbidden', 404: 'NotFound' },
  },
  entasis: {
    members: [
      'error.code',
      'error.message',
      'error.details',
      'error.timestamp',
      'error.request_id',
    ],
    code: 'error.code',
    codes: { 401: 'HTTP_401', 403: 'HTTP_403', 404: 'HTTP_404' },
  },
  documents: {
    members: ['error.code', 'error.message', 'error.details', 'error.request_id'],
    code: 'error.code',
    codes: { 401: undefined, 403: undefined, 404: 'UNKNOWN_PATH' },
  },
  takashi: {
    members: ['detail'],
    codes: { 401: undefined, 403: undefined, 404: undefined },
  },
};

/** Fails unless the body is an error as the surface documents it. */
export function assertErrorShape(
  surface: string,
  status: 401 | 403 | 404,
  body: unknown,
  what: string,
): void {
  const shape = SHAPES[surface];
  assert.ok(shape !== undefined, `${surface} is new: say here how its errors look`);
  for (const member of shape.members) {
    assert.notEqual(at(body, member), undefined, `${what}: ${member} in ${JSON.stringify(body)}`);
  }
  if (shape.code !== undefined) assert.equal(at(body, shape.code), shape.codes[status], what);
}

/** Fails unless the body, or a message of a socket, has the surface's code for the status. */
export function assertErrorCode(
  surface: string,
  status: 401 | 403 | 404,
  body: unknown,
  what: string,
): void {
  const shape = SHAPES[surface];
  assert.ok(shape?.code !== undefined, `${surface}: say here where its errors have a code`);
  assert.equal(at(body, shape.code), shape.codes[status], what);
}

function at(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
