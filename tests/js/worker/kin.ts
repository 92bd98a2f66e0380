/** What the tasks of a test's worker need of a client, over the fixture's store and recipes in code only. */
import { TaskNotFoundError } from '#offstage/errors/index.js';
import { taskJson } from '#offstage/wire/convert.js';
import { isTerminal, type TaskJson } from '#offstage/wire/task.js';
import type { Family } from '#offstage/worker/index.js';
import type { Fixture } from './fixture.js';

/** A family that also tells what it was asked. */
export function kinOf(fixture: Fixture): Family & { asked: string[] } {
  const asked: string[] = [];
  const get = async (id: string): Promise<TaskJson> => {
    const task = await fixture.store.run('get', { id, payloads: ['result'] });
    if (task === null) throw new TaskNotFoundError(id, fixture.store.path);
    const { result } = task.payloads;
    const attention = { status: task.status } as TaskJson['task_status'];
    const parts = { worker: null, attention, duration: null, dropAt: task.drop_at };
    return taskJson(JSON.parse(task.record), {
      ...parts,
      ...(result === undefined ? {} : { result: JSON.parse(result) }),
    });
  };
  return {
    asked,
    submit: async (request, { parent, key }) => {
      asked.push('submit');
      const { recipe, input = {}, priority = 0 } = request as { recipe: string; input?: unknown; priority?: number };
      const spec = { name: recipe, recipe, version: '1', kill_grace_ms: 100, priority, parent_id: parent.id };
      const payloads = { input: JSON.stringify(input) };
      const { tasks } = await fixture.store.run('submit', {
        tasks: [
          {
            spec,
            payloads,
            needs: [],
            maxConcurrent: null,
            code: recipe,
            onConflict: 'parallel',
            parent,
            childKey: key,
          },
        ],
        start: null,
      });
      const [task] = tasks;
      if (task === undefined) throw new Error('nothing was submitted');
      return { task: await get(task.id), deduplicated: task.deduplicated ?? false };
    },
    get,
    wait: async (id, { timeout, signal }) => {
      asked.push('wait');
      const over = timeout === 0;
      if (!over)
        await fixture.watch(async () => (signal.aborted || isTerminal((await get(id)).status) ? true : undefined));
      const task = await get(id);
      return { task, wait_status: isTerminal(task.status) ? 'ok' : 'timeout' };
    },
    cancel: async (id, { reason }) => {
      const command = { command: 'cancel', by: 'caller', ...(reason === undefined ? {} : { reason }) } as const;
      const [changed] = await fixture.store.run('change', { changes: [{ id, command }] });
      return changed?.changed ?? false;
    },
    events: async (id, { after }) => {
      const page = await fixture.store.run('events', { id, after, limit: 100 });
      const events = (page?.events ?? []).map((event) => ({
        ...event,
        task_id: id,
        at: new Date(event.at).toISOString(),
        data: JSON.parse(event.data),
      }));
      return { events, next_after: page?.lastSeq ?? 0, over: page?.over ?? true };
    },
    respond: async (id, key, { action, content }) => void (await fixture.answer(id, key, content, action)),
  };
}
