import { Type } from 'typebox';
import { Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type Route } from '../../gateway/http/route.ts';
import { SURFACE } from './errors.ts';
import { marketOf } from './wire.ts';

const BASE = {
  surface: SURFACE,
  auth: 'required',
  scope: 'read',
  limit: 'ml',
  method: 'GET',
  successStatus: 200,
} as const;

const PredictionsQuery = Type.Object(
  {
    symbol: Type.String({ minLength: 1, maxLength: 64, description: 'SEI/USDC' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    include_features: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
);
const Unavailable = Type.Object(
  {},
  { description: 'Answered with MODEL_UNAVAILABLE: none is loaded' },
);

/** Predictions need a model, and none is loaded: nothing is made up in its place. */
export function mlRoutes(): Route[] {
  return [
    defineRoute({
      ...BASE,
      path: '/api/v1/ml/predictions',
      summary: 'Predictions of the model',
      query: PredictionsQuery,
      examples: { query: { symbol: 'SEI/USDC' } },
      refusals: [modelUnavailable()],
      response: Unavailable,
      handler: ({ venue, query }) => {
        const market = marketOf(venue.markets, query.symbol);
        return market instanceof Refusal ? market : modelUnavailable();
      },
    }),
    defineRoute({
      ...BASE,
      path: '/api/v1/ml/model/info',
      summary: 'What is known of the model',
      response: Unavailable,
      refusals: [modelUnavailable()],
      handler: () => modelUnavailable(),
    }),
  ];
}

function modelUnavailable(): Refusal {
  return new Refusal('unavailable', 'MODEL_UNAVAILABLE', 'No model is loaded', {
    retryAfterSeconds: 60,
  });
}
