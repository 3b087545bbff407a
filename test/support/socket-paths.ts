import assert from 'node:assert/strict';
import type { SocketPath } from '../../src/gateway/streams/socket-path.ts';

/** An address that the path serves. */
export function addressOf({ name, path, example = path }: SocketPath): string {
  assert.ok(!example.includes('{'), `${name}: say an example of ${path}`);
  return example;
}

/** The message of a client that is answered whatever else it did. */
export function pingOf({ name, requests }: SocketPath): string {
  const ping = requests.find((request) => Object.values(request).includes('ping'));
  assert.ok(ping !== undefined, `${name}: say how a client pings`);
  return JSON.stringify(ping);
}
