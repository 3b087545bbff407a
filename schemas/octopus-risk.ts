import { type Static, Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;

export const METHODS = ['historical', 'parametric', 'monte_carlo'] as const;
export const SCALINGS = ['sqrt_time', 'overlapping'] as const;

const Method = Type.Enum([...METHODS], { type: 'string', default: 'historical' });
const Horizon = Type.Integer({
  minimum: 1,
  maximum: 252,
  default: 1,
  description: 'Days of trading',
});
const WindowDays = Type.Integer({
  minimum: 30,
  maximum: 4999,
  default: 252,
  description: 'Daily returns that figures rest on, or as many as a figure needs if that is more',
});
const Seed = Type.Integer({
  minimum: 0,
  maximum: 2 ** 31 - 1,
  default: 1,
  description: 'Of the simulation: the same seed gives the same figures',
});
const Paths = Type.Integer({ minimum: 1000, maximum: 1_000_000, default: 100_000 });
const PortfolioId = Type.String({ minLength: 1, maxLength: 64, description: 'Id of a portfolio' });

export const RiskParams = Type.Object({ portfolio_id: PortfolioId }, CLOSED);
export const RiskQuery = Type.Object(
  {
    method: Type.Optional(Method),
    time_horizon: Type.Optional(Horizon),
    window: Type.Optional(WindowDays),
    seed: Type.Optional(Seed),
  },
  CLOSED,
);
export type RiskQuery = Static<typeof RiskQuery>;

const Position = Type.Object(
  {
    symbol: Type.String({ minLength: 1, maxLength: 40 }),
    exchange: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description: 'Default: the symbol’s primary market',
      }),
    ),
    value: Type.Number({
      minimum: -1e15,
      maximum: 1e15,
      description: 'In any one currency; negative for a short position',
    }),
  },
  CLOSED,
);
export type PositionInput = Static<typeof Position>;
const Positions = Type.Array(Position, { minItems: 1, maxItems: 1000 });

export const VarBody = Type.Object(
  {
    positions: Positions,
    confidence_level: Type.Number({
      minimum: 0.5,
      maximum: 0.9999,
      description: 'A loss beyond the value at risk has the probability 1 - this',
    }),
    time_horizon: Type.Optional(Horizon),
    method: Type.Optional(Method),
    scaling: Type.Optional(
      Type.Enum([...SCALINGS], {
        type: 'string',
        default: 'sqrt_time',
        description:
          'Of the historical method over several days: losses of a day times their root, or losses over whole horizons, which needs as many of these as the confidence does',
      }),
    ),
    window: Type.Optional(WindowDays),
    paths: Type.Optional(Paths),
    seed: Type.Optional(Seed),
  },
  CLOSED,
);
export type VarBody = Static<typeof VarBody>;

const Shock = Type.Number({
  minimum: -1,
  maximum: 10,
  description: 'Change of the price as a fraction: -0.2 is a fall by a fifth',
});
const Shocks = Type.Record(Type.String({ maxLength: 80 }), Shock);
const DateText = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', maxLength: 10 });

const Custom = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
    assets: Type.Optional(
      Type.Unsafe<Record<string, number>>({ ...Shocks, description: 'By symbol or asset' }),
    ),
    sectors: Type.Optional(
      Type.Unsafe<Record<string, number>>({ ...Shocks, description: 'By sector' }),
    ),
    classes: Type.Optional(
      Type.Unsafe<Record<string, number>>({
        ...Shocks,
        description: 'equity, crypto, crypto_perpetual, crypto_spot, future',
      }),
    ),
    factors: Type.Optional(
      Type.Object(
        {
          market: Type.Number({
            minimum: -1,
            maximum: 10,
            description: 'Of the benchmark: what nothing else names moves with it by its beta',
          }),
        },
        CLOSED,
      ),
    ),
    from: Type.Optional(
      Type.Unsafe<string>({
        ...DateText,
        description: 'With `to`: what the venue’s own closes did between two dates',
      }),
    ),
    to: Type.Optional(DateText),
    worst_days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 252,
        description: 'The stretch of so many days that was worst for this portfolio; default 10',
      }),
    ),
  },
  {
    ...CLOSED,
    description:
      'What the scenario "custom" is: shocks, or a range of dates, or (also when absent) the worst stretch of the past',
  },
);
export type CustomScenario = Static<typeof Custom>;

export const StressBody = Type.Object(
  {
    portfolio_id: Type.Optional(PortfolioId),
    positions: Type.Optional(
      Type.Unsafe<PositionInput[]>({ ...Positions, description: 'Instead of a portfolio' }),
    ),
    scenarios: Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
      minItems: 1,
      maxItems: 20,
      description: 'Ids of scenarios, or "custom"',
    }),
    custom: Type.Optional(Custom),
  },
  CLOSED,
);
export type StressBody = Static<typeof StressBody>;

const Text = Type.String();
const Figure = Type.Union([Type.Number(), Type.Null()], {
  description: 'null: see insufficient_data, or there is none',
});
const DateOrNull = Type.Union([DateText, Type.Null()]);

const Insufficient = Type.Object({
  fields: Type.Array(Text, { description: 'Which figures are null for this' }),
  code: Type.Literal('INSUFFICIENT_DATA'),
  message: Text,
  needed: Type.Integer(),
  observations: Type.Integer(),
});
export type Insufficient = Static<typeof Insufficient>;

const Claim = Type.Object({
  method: Text,
  confidence_level: Type.Number(),
  time_horizon: Type.Integer(),
  var: Figure,
  var_percent: Figure,
  expected_shortfall: Figure,
  scaling: Type.Union([Text, Type.Null()], {
    description: 'How a day’s loss became the horizon’s',
  }),
  observations: Type.Integer({ description: 'Daily returns' }),
  from: DateOrNull,
  to: DateOrNull,
  paths: Type.Optional(Type.Integer()),
  seed: Type.Optional(Type.Integer()),
  var_standard_error: Type.Optional(Type.Number()),
  expected_shortfall_standard_error: Type.Optional(Type.Number()),
});
export type ClaimWire = Static<typeof Claim>;

const Benchmark = Type.Union([
  Type.Object({
    name: Text,
    symbols: Type.Array(Text),
    weighting: Text,
    observations: Type.Integer(),
  }),
  Type.Null(),
]);

export const PortfolioRiskResponse = Type.Object({
  portfolio_id: Text,
  currency: Text,
  total_value: Type.Number(),
  var_95: Figure,
  var_99: Figure,
  var_999: Figure,
  expected_shortfall_95: Figure,
  expected_shortfall_99: Figure,
  expected_shortfall_999: Figure,
  sharpe_ratio: Figure,
  sortino_ratio: Figure,
  max_drawdown: Figure,
  volatility: Figure,
  beta: Figure,
  correlation_matrix: Type.Record(Type.String(), Type.Record(Type.String(), Figure)),
  sector_exposure: Type.Record(Type.String(), Type.Number(), {
    description: 'Fractions of the total value; cash is a sector of its own',
  }),
  method: Text,
  time_horizon: Type.Integer(),
  window: Type.Object({
    days: Type.Integer({ description: 'Asked for' }),
    observations: Type.Integer(),
    from: DateOrNull,
    to: DateOrNull,
  }),
  value_at_risk: Type.Array(Claim, { description: 'All methods at all confidences' }),
  benchmark: Benchmark,
  risk_free_rate: Type.Number({ description: 'A fraction a year' }),
  insufficient_data: Type.Array(Insufficient),
  timestamp: Type.String({ format: 'date-time' }),
});
export type PortfolioRiskResponse = Static<typeof PortfolioRiskResponse>;

export const VarResponse = Type.Object({
  ...Claim.properties,
  total_value: Type.Number(),
  methods: Type.Array(Claim, { description: 'The same by every method' }),
  insufficient_data: Type.Array(Insufficient),
  timestamp: Type.String({ format: 'date-time' }),
});
export type VarResponse = Static<typeof VarResponse>;

const StressedPosition = Type.Object({
  symbol: Text,
  exchange: Text,
  value: Type.Number(),
  shock: Figure,
  basis: Type.String({ description: 'asset, sector, class, market_beta or none' }),
  beta: Figure,
  profit_loss: Type.Number(),
});

const StressResult = Type.Object({
  scenario: Text,
  name: Text,
  source: Text,
  from: DateOrNull,
  to: DateOrNull,
  profit_loss: Figure,
  loss: Figure,
  loss_percent: Figure,
  stressed_value: Figure,
  positions: Type.Array(StressedPosition),
  not_covered: Type.Array(Text, { description: 'Positions for which nothing is known' }),
  insufficient_data: Type.Union([Insufficient, Type.Null()]),
});
export type StressResultWire = Static<typeof StressResult>;

export const StressResponse = Type.Object({
  portfolio_id: Type.Union([Text, Type.Null()]),
  currency: Type.Union([Text, Type.Null()]),
  total_value: Type.Number(),
  benchmark: Benchmark,
  beta_window: Type.Integer({ description: 'Daily returns that betas rest on, at most' }),
  results: Type.Array(StressResult),
  timestamp: Type.String({ format: 'date-time' }),
});
export type StressResponse = Static<typeof StressResponse>;

export const ScenariosResponse = Type.Object({
  scenarios: Type.Array(
    Type.Object({
      id: Text,
      name: Text,
      source: Text,
      from: DateOrNull,
      to: DateOrNull,
      assets: Type.Record(Type.String(), Type.Number()),
      sectors: Type.Record(Type.String(), Type.Number()),
      classes: Type.Record(Type.String(), Type.Number()),
      factors: Type.Object({ market: Figure }),
    }),
  ),
});
