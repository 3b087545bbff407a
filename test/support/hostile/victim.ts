import assert from 'node:assert/strict';
import { type Client, ServerProcess } from '../server-process.ts';
import { openTemporaryDirectory } from '../temp-directory.ts';

const ATTACKERS = 4;
const PASSWORD = 'a password nobody guesses';

/** The real server under attack, with limits off so that everything reaches the handlers. */
export class Victim {
  readonly server: ServerProcess;
  readonly client: Client;
  readonly port: number;
  /** Tokens of the attackers, who are administrators: nothing is closed to them. */
  private readonly attackers: string[] = [];
  private readonly removeDirectory: () => void;

  private constructor(server: ServerProcess, client: Client, removeDirectory: () => void) {
    this.server = server;
    this.client = client;
    this.port = Number(new URL(server.url).port);
    this.removeDirectory = removeDirectory;
  }

  static async start(env: Record<string, string> = {}): Promise<Victim> {
    const directory = openTemporaryDirectory();
    const server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
      ...env,
    });
    const victim = new Victim(server, await server.login(), () => directory.remove());
    await victim.addAttackers();
    return victim;
  }

  /** A token of one of the attackers, by any number. */
  token(index: number): string {
    return this.attackers[index % this.attackers.length];
  }

  /** Logs an attacker in again who has just logged out or given itself away. */
  async renew(token: string): Promise<void> {
    const at = this.attackers.indexOf(token);
    if (at < 0 || (token !== '' && (await this.isGood(token)))) return;
    const email = `attacker${at}`;
    const reply = await this.client.post('/api/auth/login', { email, password: PASSWORD });
    if (reply.status === 200) this.attackers[at] = reply.body.access_token;
  }

  private async isGood(token: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${this.server.url}/api/auth/me`, { headers })).status === 200;
  }

  private async addAttackers(): Promise<void> {
    for (let i = 0; i < ATTACKERS; i += 1) {
      const username = `attacker${i}`;
      const scopes = ['read', 'write', 'admin'];
      const made = await this.client.post('/api/auth/users', {
        username,
        password: PASSWORD,
        scopes,
      });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      this.attackers.push('');
      await this.renew('');
    }
  }

  /** Fails unless the server serves as before, and has met no error that it did not expect. */
  async assertUnharmed(what: string): Promise<void> {
    const started = performance.now();
    const reply = await this.client.get('/v1/markets/status');
    assert.equal(reply.status, 200, what);
    assert.ok(performance.now() - started < 10_000, `${what}: the server hangs`);
    const placed = await this.client.post('/v1/trading/orders', {
      exchange: 'NASDAQ',
      symbol: 'AAPL',
      side: 'buy',
      type: 'limit',
      quantity: 1,
      price: 1,
    });
    assert.equal(placed.status, 201, `${what}: ${JSON.stringify(placed.body)}`);
    const text = (await this.client.get('/api/v1/metrics')).body as string;
    const failed = /^openbell_http_requests_total\{[^}]*status="500"\} [1-9]/m.exec(text);
    assert.equal(failed, null, `${what}: ${failed?.[0]}\n${this.server.log}`);
    assert.doesNotMatch(this.server.log, /request failed|uncaught|a thread failed/, what);
  }

  /** Resident bytes of the process, once it had a moment to tidy up. */
  async residentBytes(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const text = (await this.client.get('/api/v1/metrics')).body as string;
    const found = /^process_resident_memory_bytes (\S+)$/m.exec(text);
    assert.ok(found !== null);
    return Number(found[1]);
  }

  async stop(): Promise<void> {
    await this.server.end('SIGKILL');
    this.removeDirectory();
  }
}

/** `OPENBELL_TEST_LONG=1`: everything; else as much as fits into seconds. */
export const LONG = process.env.OPENBELL_TEST_LONG === '1';
