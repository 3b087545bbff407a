import type { JobKind } from '../../jobs/job-kind.ts';
import type { PortfolioRisk, PortfolioRiskTask } from '../../risk/portfolio-risk.ts';
import type { StressAnswer, StressTask } from '../../risk/stress.ts';

const fileOf = (name: string): URL => new URL(`../../../workers/jobs/${name}.js`, import.meta.url);

export const PORTFOLIO_RISK: JobKind<PortfolioRiskTask, PortfolioRisk> = {
  name: 'portfolio_risk',
  file: fileOf('portfolio-risk'),
};

export const STRESS_TEST: JobKind<StressTask, StressAnswer> = {
  name: 'stress_test',
  file: fileOf('stress-test'),
};
