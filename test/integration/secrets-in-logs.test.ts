import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import WebSocket from 'ws';
import { ADMIN_PASSWORD, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/** Sends every kind of credential in every place where clients put them, good ones and bad ones. */
async function useCredentials(server: ServerProcess): Promise<string[]> {
  const client = await server.login();
  const secrets = [ADMIN_PASSWORD, client.token, 'wrong-pass-7f3a', 'key-77ab', 'secret-91cd'];
  const requests: [string, RequestInit][] = [
    ['/auth/login', login('admin', 'wrong-pass-7f3a')],
    [
      '/auth/login',
      { ...login('admin', 'wrong-pass-7f3a'), headers: { 'content-type': 'text/plain' } },
    ],
    [
      '/auth/login',
      { ...login('admin', 'x'), body: `{"username":"admin","password":"wrong-pass-7f3a"` },
    ],
    [
      '/auth/login',
      {
        ...login('admin', 'x'),
        body: `{"username":1,"password":"wrong-pass-7f3a","x":"secret-91cd"}`,
      },
    ],
    ['/v1/markets/status', { headers: { 'x-api-key': 'key-77ab', 'x-api-secret': 'secret-91cd' } }],
    ['/v1/markets/status', { headers: { authorization: `Bearer ${client.token}broken` } }],
    [
      `/v1/markets/status?token=${client.token}`,
      { headers: { authorization: `Bearer ${client.token}` } },
    ],
    [`/nowhere?token=${client.token}&api_secret=secret-91cd`, {}],
    [`/v1/${client.token}`, {}],
  ];
  for (const [path, init] of requests) await fetch(`${server.url}${path}`, init);
  for (const path of ['/ws/stream', '/v1/ws/orders']) {
    for (const token of [client.token, 'secret-91cd']) {
      const socket = new WebSocket(server.webSocketUrl(`${path}?token=${token}`));
      await once(socket, 'open');
      socket.send(JSON.stringify({ op: 'login', id: 1, token, action: 'authenticate' }));
      socket.send(`{"op":"login","token":"${token}","token":"secret-91cd"}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      socket.terminate();
    }
  }
  return secrets;
}

const login = (username: string, password: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ username, password }),
});

test('no log line holds a credential, at the most talkative level', async () => {
  const directory = openTemporaryDirectory();
  const server = await ServerProcess.start(directory.path, {
    OPENBELL_LOG_LEVEL: 'debug',
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  });
  const secrets = await useCredentials(server);
  await server.end('SIGTERM');
  assert.match(server.log, /"msg":"stopped"/, 'the log was read to its end');
  for (const secret of secrets) {
    assert.ok(!server.log.includes(secret), `a log line holds ${secret}`);
    assert.ok(!server.banner.includes(secret), `the banner holds ${secret}`);
  }
  directory.remove();
});
