import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../src/identity/events.ts';
import { Identity } from '../../src/identity/identity.ts';
import { IdentityRefused } from '../../src/identity/refused.ts';
import { SystemClock } from '../../src/lib/clock.ts';
import { type BenchOptions, type BenchResult, percentile, three } from '../support/result.ts';

const PASSWORD = 'a password for the bench';

/**
 * How long a failed login takes for a name that somebody has, one that nobody has, and one that is
 * disabled: what a stranger could tell from the clock. Interleaved, one after the other.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'openbell-bench-'));
  try {
    const clock = new SystemClock();
    const identity = Identity.open({ directory, clock, record: async () => undefined });
    const rounds = smoke ? 4 : 100;
    const samples = { known: [] as number[], unknown: [] as number[], disabled: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      await register(identity, `known${round}`);
      await identity.switchUser(await register(identity, `disabled${round}`), true, from(0), 0);
      // In another order each time, so that none is always the first.
      const order = ['known', 'unknown', 'disabled'] as const;
      for (let i = 0; i < order.length; i += 1) {
        const kind = order[(i + round) % order.length];
        const password = kind === 'disabled' ? PASSWORD : 'wrong';
        const started = performance.now();
        const result = await identity.login(`${kind}${round}`, password, from(round));
        samples[kind].push(performance.now() - started);
        if (!(result instanceof IdentityRefused)) throw new Error(`${kind} was let in`);
      }
    }
    const base = percentile(samples.known, 0.5);
    const rows = Object.entries(samples).map(([name, list]) => ({
      name,
      'p50 ms': three(percentile(list, 0.5)),
      'ratio to known': three(percentile(list, 0.5) / base),
      'p10 ms': three(percentile(list, 0.1)),
      'p90 ms': three(percentile(list, 0.9)),
    }));
    const notes = [
      `${rounds} failed logins of each kind, interleaved; argon2id with 19 MiB and two passes`,
      'known: a wrong password; unknown: nobody has the name; disabled: the right password',
    ];
    return { name: 'login', rows, notes };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function register(identity: Identity, username: string): Promise<number> {
  const user = await identity.register(
    { username, email: '', password: PASSWORD, firstName: '', lastName: '', scopes: ['read'] },
    from(0),
  );
  if (user instanceof IdentityRefused) throw new Error(user.message);
  return user.userId;
}

/** A network of its own for each attempt: no limit on failures is reached. */
function from(i: number): Client {
  const address = `198.51.100.${i}`;
  return { address, network: address, requestId: '' };
}
