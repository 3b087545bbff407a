import { constants, setPriority } from 'node:os';
import { barCalendar, type CalendarEntry } from '../../src/config/calendars.ts';
import { generateHistory, type HistoryTask } from '../../src/simulation/history.ts';

// Orders go first.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

/** The job: bars of the markets of one asset, for each market one array for each interval. */
export default function history(
  task: HistoryTask & { readonly calendar: CalendarEntry | null },
): Float64Array[][] {
  return generateHistory(task, barCalendar(task.calendar));
}
