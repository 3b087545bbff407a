import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import WebSocket from 'ws';
import { ApiDocument } from './api-document.ts';
import { openbell } from './command-line.ts';
import type { HeaderSet } from './credentials.ts';
import { ServerProcess } from './server-process.ts';
import { openTemporaryDirectory } from './temp-directory.ts';

const PASSWORD = 'a password nobody guesses';

export interface StageReply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
  readonly body: any;
}

/** A row of `openbell export --what trades`. */
export interface ExportedTrade {
  readonly market: string;
  readonly seq: number;
  readonly time: string;
  readonly price_ticks: number;
  readonly price: string;
  readonly quantity_lots: number;
  readonly quantity: string;
  readonly taker_side: 'buy' | 'sell';
  readonly maker_portfolio_id: number;
  readonly taker_portfolio_id: number;
  readonly maker_fee_units: number;
  readonly taker_fee_units: number;
}

/** A user with an API key, who calls as the documents say. */
export class StageUser {
  readonly url: string;
  readonly headers: HeaderSet;
  readonly bearer: HeaderSet;

  constructor(url: string, headers: HeaderSet, bearer: HeaderSet) {
    this.url = url;
    this.headers = headers;
    this.bearer = bearer;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    more: HeaderSet = {},
  ): Promise<StageReply> {
    const sent = new Headers({ ...this.headers, ...more });
    if (body !== undefined) sent.set('content-type', 'application/json');
    const reply = await fetch(this.url + path, {
      method,
      headers: sent,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await reply.text();
    const { status, headers } = reply;
    const answer = { status, headers, body: text === '' ? '' : JSON.parse(text) };
    // Whatever a test asks for, the answer is one that the document tells of.
    const api = await ApiDocument.of(this.url);
    api.check(method, path, answer);
    return answer;
  }

  get(path: string, more: HeaderSet = {}): Promise<StageReply> {
    return this.send('GET', path, undefined, more);
  }

  /** Places an order over Velocimex; fails unless it was taken. */
  async order(market: string, side: string, quantity: number, price: number, more: object = {}) {
    const [exchange, symbol] = market.split(':');
    const body = { exchange, symbol, side, type: 'limit', quantity, price, ...more };
    const reply = await this.send('POST', '/v1/trading/orders', body);
    assert.equal(reply.status, 201, JSON.stringify(reply.body));
    return reply.body.data;
  }
}

/** The built server without simulated traders and with its limits on, so that every number is known. */
export class ConformanceStage {
  /** Another one after `restart`. */
  server: ServerProcess;
  private readonly directory: ReturnType<typeof openTemporaryDirectory>;
  private readonly sockets: StageSocket[] = [];

  private constructor(server: ServerProcess, directory: ReturnType<typeof openTemporaryDirectory>) {
    this.server = server;
    this.directory = directory;
  }

  static async open(env: Record<string, string> = {}): Promise<ConformanceStage> {
    const directory = openTemporaryDirectory();
    return new ConformanceStage(await startIn(directory.path, env), directory);
  }

  /** Ends the server by a signal and starts it again on the same data. */
  async restart(signal: NodeJS.Signals, env: Record<string, string>): Promise<void> {
    for (const socket of this.sockets.splice(0)) socket.close();
    await this.server.end(signal);
    this.server = await startIn(this.directory.path, env);
  }

  /** The user, at the server that runs now. */
  again({ headers, bearer }: StageUser): StageUser {
    return new StageUser(this.server.url, headers, bearer);
  }

  get dataDirectory(): string {
    return join(this.directory.path, 'data');
  }

  /** Registers a user with an API key that may trade. */
  async user(name: string): Promise<StageUser> {
    const email = `${name}@desk.example`;
    const post = async (path: string, body: object, headers: HeaderSet = {}) => {
      const reply = await fetch(this.server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      assert.ok(reply.ok, `${path}: ${reply.status}`);
      return (await reply.json()) as Record<string, string>;
    };
    await post('/api/auth/register', { email, password: PASSWORD });
    const { access_token } = await post('/api/auth/login', { email, password: PASSWORD });
    const bearer = { authorization: `Bearer ${access_token}` };
    const key = await post('/api/auth/api-keys', { name, scopes: ['read', 'write'] }, bearer);
    const headers = { 'x-api-key': key.key, 'x-api-secret': key.secret };
    return new StageUser(this.server.url, headers, bearer);
  }

  /** Opens a socket that keeps all it hears. */
  socket(path: string, headers: HeaderSet = {}): StageSocket {
    const socket = new StageSocket(this.server.webSocketUrl(path), headers);
    this.sockets.push(socket);
    return socket;
  }

  /** What an upgrade that is refused is answered. */
  refusedUpgrade(
    path: string,
    headers: HeaderSet = {},
  ): Promise<Pick<StageReply, 'status' | 'body'>> {
    const socket = new WebSocket(this.server.webSocketUrl(path), { headers: { ...headers } });
    return new Promise((resolve, reject) => {
      socket.on('open', () => reject(new Error(`${path} let the client in`)));
      socket.on('unexpected-response', (request, response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
          request.destroy();
        });
      });
      // The request was ended above, on purpose.
      socket.on('error', () => undefined);
    });
  }

  /** Trades of a market as `openbell export` writes them, oldest first. */
  async trades(market: string): Promise<ExportedTrade[]> {
    const args = ['export', '--what', 'trades', '--market', market];
    const data = join(this.directory.path, 'data');
    const { code, stdout, stderr } = await openbell([...args, '--data-dir', data]);
    assert.equal(code, 0, stderr);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as ExportedTrade);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.close();
    await this.server.end('SIGKILL');
    this.directory.remove();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: messages differ, and the tests say what they expect
type Message = any;

function startIn(path: string, env: Record<string, string>): Promise<ServerProcess> {
  return ServerProcess.start(join(path, 'data'), {
    OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
    OPENBELL_RATE_LIMITS: 'on',
    OPENBELL_RATE_LIMIT_OVERRIDES: 'octopus.default=10000:10000',
    OPENBELL_OPENING_BALANCES: 'USD=1000000,USDT=1000000,USDC=1000000,AAPL=10000,BTC=100,ETH=100',
    ...env,
  });
}

export class StageSocket {
  /** Text frames as JSON, binary ones as bytes. */
  readonly heard: Message[] = [];
  /** How the connection ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  private readonly socket: WebSocket;
  private wake: () => void = () => undefined;

  constructor(url: string, headers: HeaderSet) {
    this.socket = new WebSocket(url, { headers: { ...headers } });
    this.socket.on('message', (data, isBinary) => {
      this.heard.push(isBinary ? (data as Buffer) : JSON.parse(String(data)));
      this.wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        this.wake();
        resolve({ code, reason: String(reason) });
      });
    });
  }

  async opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open');
  }

  async send(message: object): Promise<void> {
    await this.opened();
    this.socket.send(JSON.stringify(message));
  }

  /** The first message heard or still to come that is as wanted; fails after five seconds. */
  async next(what: string, wanted: (message: Message) => boolean): Promise<Message> {
    const until = performance.now() + 5000;
    let looked = 0;
    for (;;) {
      for (; looked < this.heard.length; looked += 1) {
        if (wanted(this.heard[looked])) return this.heard[looked];
      }
      const leftMs = until - performance.now();
      assert.ok(leftMs > 0, `no ${what} among ${JSON.stringify(this.heard).slice(0, 2000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.socket.terminate();
  }
}
