import { constants, setPriority } from 'node:os';
import { JobControl, type JobEnvelope } from './job-kind.ts';

// Everything else goes first. On Linux this lowers the thread, elsewhere it would lower the process.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);

/**
 * The default export of a file in `workers/jobs`. `run` looks at the control often enough to end soon
 * after it was cancelled, and may tell how far it is.
 */
export function defineJob<Task, Result>(
  run: (task: Task, control: JobControl) => Result | Promise<Result>,
): (envelope: JobEnvelope) => Result | Promise<Result> {
  return ({ task, memory }) => {
    const control = new JobControl(memory);
    control.throwIfCancelled();
    return run(task as Task, control);
  };
}
