import type { SessionPage } from '../../../wire/answers.ts';
import { type Call, defineCommand } from '../../command.ts';
import { whole } from '../../values.ts';

const options = {
  tree: { type: 'boolean', help: 'the tasks with all their parents and children, and no events' },
  limit: { type: 'string', value: 'N', help: 'so many events at most, the last ones', default: '1000' },
} as const;

export const command = defineCommand({
  usage: 'SESSION',
  summary: 'Shows the tasks of a session, what was said in it, and what happened, in order.',
  about: 'With --json the document has both, and the tasks have all their parents and children beside them.',
  options,
  args: { min: 1, max: 1 },
  examples: [
    'offstage background session session_9f1c20ab',
    'offstage background session session_9f1c20ab --tree',
    'offstage background session nightly --limit 50 --json',
  ],
  async run(call) {
    const [id = ''] = call.args;
    const { limit } = call.flags;
    const verbs = await call.verbs();
    const session = await verbs.session(id, limit === undefined ? {} : { limit: whole('--limit', limit, 1) });
    if (call.globals.json) call.answer({ ok: true, ...session }, '');
    else await show(call, session);
    return 0;
  },
});

async function show(
  call: Call<typeof options>,
  { session_id, tasks, messages, events, cut }: SessionPage,
): Promise<void> {
  const { escaped } = await import('../../human/escape.ts');
  if (tasks.length + messages.length === 0) return call.answer({}, `No tasks in session ${escaped(session_id)}`);
  const { pageBox } = await import('../../human/list.ts');
  const { lookOf } = await import('../../human/look.ts');
  const { eventLine } = await import('../../human/event.ts');
  const look = lookOf(call);
  const own = tasks.filter((task) => task.session_id === session_id);
  const names = new Map(own.map(({ task_id, name }) => [task_id, name]));
  if (tasks.length > 0) call.answer({}, pageBox({ tasks: call.flags.tree ? tasks : own }, look));
  if (!call.flags.tree) {
    for (const { role, content, tool_calls = [] } of messages) {
      const used = tool_calls.map(({ function: { name, arguments: args } }) => `uses ${name} ${args}`);
      const lines = [...(content === '' ? [] : content.split('\n')), ...used];
      call.answer({}, `${role}: ${lines.map(escaped).join('\n  ')}`);
    }
    for (const event of events) call.answer({}, eventLine(event, look, names.get(event.task_id)));
  }
  if (cut) call.tell('There are more tasks or events than these.');
}
