import {
  ConfigureBody,
  DeployBody,
  StrategiesResponse,
  StrategyParams,
  StrategyResponse,
} from '../../../schemas/velocimex-strategies.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { Deployment } from '../../gateway/strategies/deployments.ts';
import type { StrategyDesk } from '../../gateway/strategies/strategy-desk.ts';
import type { Principal } from '../../identity/principal.ts';
import { DEPLOY_REFUSALS, RUNNING_REFUSALS } from './described.ts';
import { SURFACE } from './errors.ts';
import { strategyToWire } from './strategy-wire.ts';

export interface StrategyServices {
  readonly strategies: StrategyDesk;
}

const READ = { surface: SURFACE, limit: 'rest', auth: 'required', scope: 'read' } as const;
const TRADE = { surface: SURFACE, limit: 'rest', auth: 'required', scope: 'write' } as const;

type Context<B = unknown> = RequestContext<{ strategy_id: string }, unknown, B>;

/** The strategy catalogue, each with the caller's own deployment: nobody sees another's. */
export function strategyRoutes({ strategies: desk }: StrategyServices): Route[] {
  return [
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/v1/strategies',
      summary: 'Every strategy, with the state and performance of the caller’s own deployment',
      response: StrategiesResponse,
      successStatus: 200,
      handler: ({ principal, venue }) => {
        const { userId } = principal as Principal;
        const strategies = desk.catalogue.map((definition) =>
          strategyToWire(desk, definition, userId, venue.markets),
        );
        return { status: 'ok', data: { strategies } };
      },
    }),
    defineRoute({
      ...TRADE,
      method: 'POST',
      path: '/v1/strategies/{strategy_id}/deploy',
      summary: 'Deploy a strategy: it trades until it is stopped, also after a restart',
      params: StrategyParams,
      body: DeployBody,
      bodyOptional: true,
      response: StrategyResponse,
      examples: { params: { strategy_id: 'momentum' }, body: {} },
      refusals: DEPLOY_REFUSALS,
      successStatus: 201,
      handler: (context) => deploy(desk, context),
    }),
    defineRoute({
      ...TRADE,
      method: 'POST',
      path: '/v1/strategies/{strategy_id}/configure',
      summary: 'Change parameters of a running deployment without a stop (an extension)',
      params: StrategyParams,
      body: ConfigureBody,
      response: StrategyResponse,
      examples: { params: { strategy_id: 'momentum' }, body: { parameters: {} } },
      refusals: RUNNING_REFUSALS,
      successStatus: 200,
      handler: async (context) => {
        const { principal, params, body } = context;
        const { userId } = principal as Principal;
        const { strategy_id } = params;
        return answer(desk, context, await desk.configure(userId, strategy_id, body.parameters));
      },
    }),
    defineRoute({
      ...TRADE,
      method: 'POST',
      path: '/v1/strategies/{strategy_id}/stop',
      summary: 'Stop a deployment; answered once its orders are cancelled (an extension)',
      params: StrategyParams,
      response: StrategyResponse,
      examples: { params: { strategy_id: 'momentum' } },
      refusals: RUNNING_REFUSALS,
      successStatus: 200,
      handler: async (context) => {
        const { userId } = context.principal as Principal;
        return answer(desk, context, await desk.stop(userId, context.params.strategy_id));
      },
    }),
  ];
}

async function deploy(desk: StrategyDesk, context: Context<DeployBody>): Promise<object> {
  const { principal, params } = context;
  const { parameters = {}, markets, portfolio_id } = context.body ?? {};
  const deployment = await desk.deploy({
    userId: (principal as Principal).userId,
    strategy: params.strategy_id,
    parameters,
    markets,
    portfolioId: portfolio_id === undefined ? undefined : Number(portfolio_id),
  });
  return answer(desk, context, deployment);
}

function answer(desk: StrategyDesk, context: Context, result: Deployment | Refusal): object {
  if (result instanceof Refusal) return result;
  const definition = desk.catalogue.find(({ id }) => id === result.strategy);
  if (definition === undefined) throw new Error('a deployment’s strategy is in the catalogue');
  const { userId } = context.principal as Principal;
  return { status: 'ok', data: strategyToWire(desk, definition, userId, context.venue.markets) };
}
