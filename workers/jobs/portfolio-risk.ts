import { defineJob } from '../../src/jobs/define-job.ts';
import {
  type PortfolioRisk,
  type PortfolioRiskTask,
  portfolioRisk,
} from '../../src/risk/portfolio-risk.ts';

/** The job: all figures of a portfolio's risk, or those of a list of positions. */
export default defineJob<PortfolioRiskTask, PortfolioRisk>((task, control) =>
  portfolioRisk(task, () => control.throwIfCancelled()),
);
