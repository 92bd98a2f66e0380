/** What a terminal shows while tasks are waited for: a line each, and what they ask. */
import type { TaskVerbs } from '../../ports/verbs.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { Call } from '../command.ts';
import { lookOf } from '../human/look.ts';
import { Asker } from './asker.ts';
import { liveLine } from './line.ts';
import { Screen } from './screen.ts';
import { canAsk, canRedraw } from './terminal.ts';

export interface Live {
  see(tasks: readonly TaskJson[]): void;
  /** Takes away what is shown. */
  close(): Promise<void>;
}

/** `ask: false`: nobody is asked. Nothing is drawn on a terminal that cannot move its cursor. */
export function liveWait(call: Call, verbs: TaskVerbs, { ask, draws }: { ask: boolean; draws: boolean }): Live {
  const { io } = call;
  const look = lookOf(call, 'stderr');
  const screen = draws && canRedraw(io, io.stderr) ? new Screen(io.stderr) : undefined;
  const asker = ask && canAsk(io) ? new Asker(call, verbs, look, () => screen?.erase()) : undefined;
  let last: readonly TaskJson[] = [];
  const draw = (): void => {
    if (screen === undefined || asker?.isAsking) return;
    screen.draw(linesOf(last, screen, look));
  };
  const leave = [io.stderr.onResize(draw), screen?.giveWayTo(io.stderr)];
  return {
    see(tasks) {
      last = tasks;
      asker?.see(tasks);
      draw();
    },
    async close() {
      for (const end of leave) end?.();
      await asker?.close();
      screen?.erase();
    },
  };
}

/** Those that have ended give way first where there are more tasks than lines. */
function linesOf(tasks: readonly TaskJson[], { rows, columns }: Screen, look: ReturnType<typeof lookOf>): string[] {
  const now = Date.now();
  const lineOf = (task: TaskJson): string => liveLine(task, look, columns - 1, now);
  if (tasks.length <= rows) return tasks.map(lineOf);
  const live = tasks.filter(({ task_status }) => !task_status.terminal);
  const others = tasks.filter(({ task_status }) => task_status.terminal);
  const shown = new Set([...live, ...others].slice(0, rows - 1));
  const rest = tasks.length - shown.size;
  const ended = others.filter((task) => !shown.has(task)).length;
  return [...tasks.filter((task) => shown.has(task)).map(lineOf), `and ${rest} more, ${ended} of them ended`];
}
