import type { Logger } from 'pino';
import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import type { InProcessSession } from './session.ts';

export interface ServerOptions {
  readonly settings: Settings;
  readonly markets: MarketRegistry;
  readonly log: Logger;
  readonly version: string;
  /** Traders inside the process: the simulated market, a replay, or nobody. */
  readonly sessions: readonly InProcessSession[];
  /** Tells the person who started it a line they must see once: a made-up password. */
  readonly announce: (line: string) => void;
}
