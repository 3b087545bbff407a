import WebSocket from 'ws';
import { ApiDocument } from './api-document.ts';
import type { HeaderSet } from './credentials.ts';

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
  readonly body: any;
}

/** Requests with credentials of any kind, and every secret that came back remembered. */
export class IdentityClient {
  readonly secrets = new Set<string>();
  url: string;

  constructor(url: string) {
    this.url = url;
  }

  async send(
    method: string,
    path: string,
    headers: HeaderSet = {},
    body?: object,
  ): Promise<ApiReply> {
    const sent = new Headers(headers);
    if (body !== undefined) {
      sent.set('content-type', 'application/json');
      this.remember(body);
    }
    const reply = await fetch(this.url + path, {
      method,
      headers: sent,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await reply.text();
    const json = reply.headers.get('content-type')?.startsWith('application/json') === true;
    const value = json ? JSON.parse(text) : text;
    if (json) this.remember(value);
    const answer = { status: reply.status, headers: reply.headers, body: value };
    const api = await ApiDocument.of(this.url);
    api.check(method, path, answer);
    return answer;
  }

  get(path: string, headers: HeaderSet = {}): Promise<ApiReply> {
    return this.send('GET', path, headers);
  }

  post(path: string, headers: HeaderSet, body?: object): Promise<ApiReply> {
    return this.send('POST', path, headers, body);
  }

  /** Logs in over the Octopus surface. */
  async login(
    email: string,
    password: string,
  ): Promise<{ bearer: HeaderSet; refreshToken: string }> {
    const { status, body } = await this.post('/api/auth/login', {}, { email, password });
    if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
    const bearer = { authorization: `Bearer ${body.access_token}` };
    return { bearer, refreshToken: body.refresh_token };
  }

  private remember(value: object): void {
    const names = ['password', 'current_password', 'new_password', 'secret'];
    for (const name of [...names, 'access_token', 'refresh_token']) {
      const secret = (value as Record<string, unknown>)[name];
      if (typeof secret === 'string') this.secrets.add(secret);
    }
  }
}

/** A socket with everything it received, and how it ended. */
export class ListeningSocket {
  readonly received: string[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<number>;
  private readonly socket: WebSocket;
  private readonly waiting: { matches: (text: string) => boolean; done: (text: string) => void }[] =
    [];

  constructor(url: string, headers: HeaderSet = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), { headers: { ...headers } });
    this.socket.on('error', () => undefined);
    this.opened = new Promise((resolve) => this.socket.on('open', resolve));
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('message', (data) => {
      const text = String(data);
      this.received.push(text);
      for (const waiter of this.waiting) if (waiter.matches(text)) waiter.done(text);
    });
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The first message that contains the text, come or to come. */
  // biome-ignore lint/suspicious/noExplicitAny: messages are whatever the server says
  async message(part: string): Promise<any> {
    const matches = (text: string): boolean => text.includes(part);
    const found =
      this.received.find(matches) ??
      (await new Promise<string>((done) => this.waiting.push({ matches, done })));
    return JSON.parse(found);
  }

  close(): void {
    this.socket.close();
  }
}
