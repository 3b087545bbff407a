import { resolve } from 'node:path';
import { readOrderFile } from '../replay/survey/order-file.ts';
import { formatSurvey, surveyReport } from '../replay/survey/survey-report.ts';
import { runSurvey } from '../replay/survey/survey-run.ts';

export interface SurveyOptions {
  readonly file: string;
  /** Where the canonical report stream is written, or `null`. */
  readonly outFile: string | null;
  readonly passes: number;
  readonly json: boolean;
}

/** `openbell replay --format survey`: the core alone, no server, no disk; returns the exit code. */
export async function replaySurvey(options: SurveyOptions): Promise<number> {
  const path = resolve(options.file);
  const file = await readOrderFile(path);
  const out = options.outFile === null ? null : resolve(options.outFile);
  const report = surveyReport(path, file, await runSurvey(file, options.passes, out));
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatSurvey(report));
  return 0;
}
