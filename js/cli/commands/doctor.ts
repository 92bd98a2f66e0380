import type { Examination, Help, Promised } from '../../client/index.ts';
import { type Call, defineCommand } from '../command.ts';
import { BECAUSE } from '../human/because.ts';
import { escaped } from '../human/escape.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Says which store is used and why, who works for it, what is refused and why, and what is promised here.',
  about:
    'Changes nothing, starts nothing, and makes no store. It exits with 0 also when something is refused: that is its answer.',
  options: {},
  args: { min: 0, max: 0 },
  examples: ['offstage doctor', 'offstage doctor --store .offstage/tasks.db --json'],
  async run(call) {
    const examination = await call.examine();
    call.answer({ ok: true, ...examination }, text(examination, call));
    return 0;
  },
});

function text(examination: Examination, call: Call): string {
  const { refused, platform } = examination;
  return [
    ...versions(examination),
    ...(examination.store === null ? ['Store: none that could be used'] : aboutStore(examination.store)),
    ...workers(examination),
    refused.length === 0 ? 'Refused: nothing' : 'Refused:',
    ...refused.map(({ what, code, error }) => `  ${what} (${code}): ${error}`),
    ...troubles(examination, call),
    'Promised here (--json names the test of each):',
    ...platform.promises.map(promised),
  ]
    .map(escaped)
    .join('\n');
}

function versions({ version, node, sqlite, platform }: Examination): string[] {
  const runtime = node.runtime === 'node' ? '' : ` in ${node.runtime} ${node.runtime_version}`;
  return [
    `offstage ${version} on ${platform.os} ${platform.arch}`,
    `Node: ${node.version}${runtime} (needs ${node.needs})`,
    `SQLite: ${sqlite === null ? 'none' : `${sqlite.version}, ${sqlite.driver}`}`,
  ];
}

function aboutStore(store: NonNullable<Examination['store']>): string[] {
  const { path, because, exists, schema, known_schema, file_system, read_only, key, tasks, free_bytes } = store;
  const older = schema !== null && schema < known_schema ? `, this version writes ${known_schema}` : '';
  return [
    `Store: ${path}`,
    `  why: ${BECAUSE[because]}`,
    ...(exists
      ? [`  schema: ${schema ?? 'none that can be read'}${older}`]
      : ['  there is none yet: the first submit makes it']),
    ...(file_system === null ? [] : [`  file system: ${file_system}${read_only ? ', read-only here' : ''}`]),
    ...(free_bytes === null ? [] : [`  free: ${Math.floor(free_bytes / 1024 / 1024)} MiB`]),
    `  key: ${key === 'absent' ? 'none yet' : key}`,
    ...(tasks === null ? [] : [`  tasks: ${counts(tasks)}`]),
  ];
}

function counts(tasks: Record<string, number>): string {
  const some = Object.entries(tasks).filter(([, n]) => n > 0);
  return some.length === 0 ? 'none' : some.map(([status, n]) => `${n} ${status}`).join(', ');
}

function workers({ workers: all }: Examination): string[] {
  if (all.length === 0) return ['Workers: none'];
  return all.map(({ id, pid, host, alive, state, concurrency, folders, recipes }) => {
    const runs = [...(folders ? ['folders'] : []), ...recipes].join(', ');
    const how = alive ? (state === 'live' ? '' : `, ${state}`) : ', gone: the next verb decides its tasks';
    return `Worker: ${id} (pid ${pid} on ${host}${how}), ${concurrency} at once: ${runs}`;
  });
}

function troubles({ troubles: all }: Examination, call: Call): string[] {
  if (all.length === 0) return ['Troubles: none'];
  return [
    'Troubles:',
    ...all.flatMap(({ trouble, help }) => [`  ${trouble}`, ...help.map((one) => `    ${told(one, call)}`)]),
  ];
}

/** What helps: what is to be typed, as this person would type it, or what is to be done. */
function told(help: Help, call: Call): string {
  if ('say' in help) return help.say;
  if ('shell' in help) return `type: ${help.shell}`;
  const [group = '', ...words] = help.type;
  return `type: ${call.typedOf(group, ...words)}`;
}

const promised = ({ is, promise }: Promised): string => `  ${is.padEnd(12)}  ${promise}`;
