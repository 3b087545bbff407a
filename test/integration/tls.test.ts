import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import WebSocket from 'ws';
import { makeCertificate, noOpenssl } from '../support/certificates.ts';
import { eventually, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

describe('TLS', { skip: noOpenssl }, () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let port: number;
  before(async () => {
    makeCertificate(directory.path, 'first.test');
    server = await ServerProcess.start(join(directory.path, 'data'), {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '50',
      OPENBELL_TLS_CERT: join(directory.path, 'cert.pem'),
      OPENBELL_TLS_KEY: join(directory.path, 'key.pem'),
      OPENBELL_REQUIRE_TLS: 'on',
    });
    port = Number(new URL(server.url).port);
  });
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  const dial = async (): Promise<TLSSocket> => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return socket;
  };
  const ask = async (socket: TLSSocket): Promise<string> => {
    socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString();
  };
  const nameOf = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject.CN);
  const reloaded = (name: string) =>
    eventually(`new connections get ${name}`, async () => {
      const socket = await dial();
      const found = nameOf(socket);
      socket.destroy();
      return found === name ? true : undefined;
    });

  it('serves HTTPS and says so to browsers, and nothing in plain', async () => {
    assert.match(server.url, /^https:/);
    const socket = await dial();
    assert.equal(nameOf(socket), 'first.test');
    const reply = await ask(socket);
    assert.match(reply, /^HTTP\/1\.1 200 /);
    assert.match(reply, /\r\nStrict-Transport-Security: max-age=\d+\r\n/i);
    socket.destroy();
    await assert.rejects(fetch(server.url.replace('https', 'http')));
    const old = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.1',
    });
    await assert.rejects(once(old, 'secureConnect'), 'TLS 1.1 is refused');
  });

  it('takes a new certificate on SIGHUP while old connections and their streams go on', async () => {
    const kept = await dial();
    await ask(kept);
    const stream = new WebSocket(server.webSocketUrl('/ws/stream'), { rejectUnauthorized: false });
    let deltas = 0;
    stream.on('message', (text) => {
      if (String(text).includes('"type":"delta"')) deltas += 1;
    });
    await once(stream, 'open');
    stream.send('{"op":"subscribe","channel":"book","market":"*"}');
    await eventually('the book moves', () => (deltas > 0 ? true : undefined));

    let dialled = 0;
    let swapped = false;
    const dialling = Array.from({ length: 4 }, async () => {
      while (!swapped) {
        const socket = await dial();
        await ask(socket);
        socket.destroy();
        dialled += 1;
      }
    });
    makeCertificate(directory.path, 'second.test');
    process.kill(server.pid, 'SIGHUP');
    await reloaded('second.test');
    for (let i = 0; i < 5; i += 1) {
      process.kill(server.pid, 'SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    swapped = true;
    await Promise.all(dialling);
    assert.ok(dialled > 4, 'connections were made all the while, and none was lost');
    assert.match(await ask(kept), /^HTTP\/1\.1 200 /, 'the old connection is served');
    assert.equal(nameOf(kept), 'first.test');
    const before = deltas;
    await eventually('the old socket is still published to', () =>
      deltas > before + 5 ? true : undefined,
    );
    assert.equal(stream.readyState, WebSocket.OPEN);

    const later = new WebSocket(server.webSocketUrl('/ws/stream'), { rejectUnauthorized: false });
    await once(later, 'open');
    later.send('{"op":"subscribe","channel":"bbo","market":"*"}');
    await once(later, 'message');
    for (const socket of [stream, later]) socket.terminate();
    kept.destroy();
  });

  it('keeps the certificate that works when the new one does not', async () => {
    writeFileSync(join(directory.path, 'cert.pem'), 'not a certificate');
    process.kill(server.pid, 'SIGHUP');
    await eventually('the log says why', () =>
      /certificate not reloaded/.test(server.log) ? true : undefined,
    );
    const socket = await dial();
    assert.equal(nameOf(socket), 'second.test');
    assert.match(await ask(socket), /^HTTP\/1\.1 200 /);
    socket.destroy();
    makeCertificate(directory.path, 'third.test');
    process.kill(server.pid, 'SIGHUP');
    await reloaded('third.test');
  });

  it('stops in good order with connections of several certificates', async () => {
    const open = await dial();
    await ask(open);
    assert.deepEqual(await server.end('SIGTERM'), { code: 0, signal: null });
  });
});

describe('a certificate that cannot serve', { skip: noOpenssl }, () => {
  it('ends the start with the files and the reason', async () => {
    const directory = openTemporaryDirectory();
    makeCertificate(directory.path, 'first.test');
    writeFileSync(join(directory.path, 'key.pem'), 'not a key');
    await assert.rejects(
      ServerProcess.start(join(directory.path, 'data'), {
        OPENBELL_TLS_CERT: join(directory.path, 'cert.pem'),
        OPENBELL_TLS_KEY: join(directory.path, 'key.pem'),
      }),
      /the certificate .*cert\.pem and key .*key\.pem do not serve/,
    );
    directory.remove();
  });
});
