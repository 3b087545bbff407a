import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SurveyReport } from '../../src/replay/survey/survey-report.ts';
import { repositoryRoot } from './repository.ts';

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function runCommand(command: string, args: readonly string[]): Promise<CommandOutcome> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => {
    stdout += data;
  });
  child.stderr.on('data', (data: Buffer) => {
    stderr += data;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** `openbell replay --format survey …` of the build under test. */
export function surveyCommand(file: string, ...more: readonly string[]): Promise<CommandOutcome> {
  const cli = join(repositoryRoot, 'dist', 'src', 'cli.js');
  return runCommand(process.execPath, [
    cli,
    'replay',
    '--format',
    'survey',
    '--file',
    file,
    ...more,
  ]);
}

/** The same with `--json` and the canonical stream, for a file that is in order. */
export async function surveyReports(
  file: string,
  passes = 1,
): Promise<{ report: SurveyReport; text: string }> {
  const out = `${file}.reports`;
  const args = ['--json', '--passes', String(passes), '--reports', out];
  const { code, stdout, stderr } = await surveyCommand(file, ...args);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return { report: JSON.parse(stdout) as SurveyReport, text: readFileSync(out, 'utf8') };
}
