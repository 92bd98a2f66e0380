import { DELIVERY_STATES, type DeliveryJson } from '../../../wire/deliveries.ts';
import { defineCommand } from '../../command.ts';
import { escaped } from '../../human/escape.ts';
import { oneOf, whole } from '../../values.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Lists what channels are told of tasks, the newest first.',
  about:
    'What was delivered is kept for 7 days, what was given up for 30. A task may be gone that something was told of.',
  options: {
    state: { type: 'string', value: DELIVERY_STATES.join('|'), help: 'only those in this state' },
    task: { type: 'string', value: 'ID', help: 'only those of this task' },
    limit: { type: 'string', value: 'N', help: 'so many at most', default: '100' },
    after: { type: 'string', value: 'CURSOR', help: 'go on where a page has ended' },
  },
  args: { min: 0, max: 0 },
  examples: ['offstage notify list', 'offstage notify list --state dead --json'],
  async run(call) {
    const { state, task, limit, after } = call.flags;
    const verbs = await call.verbs();
    const page = await verbs.deliveries({
      ...(state === undefined ? {} : { state: oneOf('--state', state, DELIVERY_STATES) }),
      ...(task === undefined ? {} : { task: await verbs.resolve(task).catch(() => task) }),
      ...(limit === undefined ? {} : { limit: whole('--limit', limit, 1) }),
      ...(after === undefined ? {} : { after }),
    });
    call.answer({ ok: true, ...page }, page.deliveries.map(lineOf).join('\n'));
    if (page.deliveries.length === 0) call.tell('Nothing.');
    return 0;
  },
});

const lineOf = ({ id, task_id, address, type, state, attempts, next_at, last_error }: DeliveryJson): string =>
  [
    id,
    task_id,
    escaped(address),
    type,
    `${state} (${attempts})`,
    ...(next_at === null ? [] : [`next ${next_at}`]),
    ...(last_error === null ? [] : [escaped(last_error)]),
  ].join('  ');
