import type { Route } from '../gateway/http/route.ts';
import type { Surface } from '../gateway/http/surface.ts';

const header = (name: string, description: string) => ({
  type: 'apiKey',
  in: 'header',
  name,
  description,
});

/** How a caller may prove who it is. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The `access_token` that `POST /auth/login` or `POST /api/auth/login` gives. Both logins are of ' +
      'the same users, and a token is good on every surface.',
  },
  apiKey: header('X-API-Key', 'The `key` that `POST /api/auth/api-keys` gives.'),
  apiSecret: header('X-API-Secret', 'The `secret` that was told with the key.'),
  apiTimestamp: header('X-API-Timestamp', 'Of a signed request: milliseconds since 1970.'),
  apiNonce: header('X-API-Nonce', '8 to 64 letters, digits, `-`, `_`; good once per key.'),
  apiContentSha256: header(
    'X-API-Content-SHA256',
    'Lower-case hexadecimal SHA-256 of the body; absent where there is no body.',
  ),
  apiSignature: header(
    'X-API-Signature',
    'In place of the secret, for keys made with `"signing": true`: lower-case hexadecimal HMAC-SHA256 under ' +
      'the secret of `OPENBELL-HMAC-SHA256`, timestamp, nonce, method, path with query as sent, and the ' +
      'SHA-256 of the body, joined by line feeds.',
  ),
} as const;

type Requirement = Readonly<Partial<Record<keyof typeof SECURITY_SCHEMES, readonly string[]>>>;

/** Ways to call a route, any of which will do; `[]` where anybody may. */
export function securityOf(route: Route, surface: Surface): readonly Requirement[] {
  const { auth, scope, tokenOnly } = route;
  if (auth === 'public') return [];
  if (auth === 'checked_by_handler') return [{ bearer: [] }, {}];
  const scopes = scope === null ? [] : [scope];
  const token = { bearer: scopes };
  if (tokenOnly === true) return [token];
  const ways: Requirement[] = [token, { apiKey: scopes, apiSecret: [] }];
  const signed = { apiKey: scopes, apiTimestamp: [], apiNonce: [], apiSignature: [] };
  ways.push(signed, { ...signed, apiContentSha256: [] });
  if (surface.keyAlone === true && scope === 'read') ways.push({ apiKey: scopes });
  if (auth === 'required_unless_local') ways.push({});
  return ways;
}
