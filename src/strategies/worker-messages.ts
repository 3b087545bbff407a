import type { Market } from '../domain/markets.ts';
import type { StrategyParameters } from '../domain/strategy-events.ts';
import type { SessionWiring } from '../rings/roles.ts';
import type { DeploymentSpec } from './deployment-host.ts';
import type { MarketImage } from './market-feed.ts';
import type { DeploymentEnd } from './strategy-runtime.ts';

/** `workerData` of `workers/strategies.ts`. */
export interface StrategiesWorkerData {
  readonly wiring: SessionWiring;
  /** Gateway → thread: what it denied (see `denials.ts`). */
  readonly denialRing: SharedArrayBuffer;
  readonly markets: readonly Market[];
  /** As the gateway has them when the thread sits down; markets without events are absent. */
  readonly images: readonly MarketImage[];
  readonly deployments: readonly DeploymentSpec[];
}

/** What the gateway tells the thread. */
export type ToStrategies =
  | { readonly type: 'start'; readonly spec: DeploymentSpec }
  | { readonly type: 'stop'; readonly deploymentId: number }
  | {
      readonly type: 'configure';
      readonly deploymentId: number;
      readonly parameters: StrategyParameters;
    };

/** What the thread tells the gateway. */
export type FromStrategies =
  | { readonly type: 'ready' }
  | { readonly type: 'started'; readonly deploymentId: number }
  | ({ readonly type: 'ended' } & DeploymentEnd);
