/** A world for the CLI without a process, a terminal or a store. */

import { run } from '#offstage/cli/dispatch.js';
import type { EndSignal, IO } from '#offstage/cli/io.js';
import type { ClientOptions, Examination, Recipes, Services, Settings, Verbs } from '#offstage/client/index.js';
import type { Lacks } from '#offstage/wire/answers.js';
import type { TaskJson, TaskStatusJson } from '#offstage/wire/task.js';

export const ID = `task_9f1c20ab${'0'.repeat(24)}`;

/** A task with every field; `task_status` may be given in part. */
export function taskOf(
  given: Partial<Omit<TaskJson, 'task_status'>> & { task_status?: Partial<TaskStatusJson> } = {},
): TaskJson {
  const status = given.status ?? 'running';
  return {
    task_id: ID,
    name: 'my-recipe',
    recipe: 'my-recipe',
    session_id: 'session_123',
    task_session_id: `bg:${ID}`,
    owner_session_id: null,
    parent_id: null,
    priority: 0,
    attempt: 1,
    max_attempts: 1,
    on_lost: 'fail',
    progress: 0,
    progress_message: null,
    progress_data: null,
    created_at: '2026-01-31T10:00:00.000Z',
    run_at: null,
    started_at: null,
    completed_at: null,
    stopped_at: null,
    updated_at: '2026-01-31T10:00:00.000Z',
    deadline_at: null,
    duration: null,
    timeout_sec: 300,
    input: {},
    config: {},
    metadata: {},
    tags: [],
    idempotency_key: null,
    retried_from: null,
    drop_at: null,
    result: null,
    error: null,
    usage: null,
    usage_total: null,
    input_requests: {},
    worker: null,
    ...given,
    status,
    task_status: {
      status,
      kind: status,
      display: status,
      blocked: false,
      terminal: false,
      needs_attention: false,
      next_action: 'wait',
      recovered: false,
      signals: [],
      ...given.task_status,
    },
  };
}

export const failed = (code = 'failed', message = 'model unavailable'): TaskJson =>
  taskOf({ status: 'failed', error: { code, name: 'TypeError', message, retryable: true } });

export const OTHER = `task_de64a7f0${'1'.repeat(24)}`;
export const pending = taskOf({ status: 'pending' });
export const cancelled = taskOf({ status: 'cancelled' });
export const done = (result: unknown): TaskJson => taskOf({ status: 'completed', result });

export const submit: Verbs['submit'] = async () => [pending];
export const getting = (task: TaskJson): Partial<Verbs> => ({ get: async () => [task] });
export const waiting = (task: TaskJson, wait_status: 'ok' | 'timeout' = 'ok'): Partial<Verbs> => ({
  submit,
  wait: async () => ({ tasks: [task], wait_status }),
});

export const LACKS_NOTHING: Lacks = { app: null, env: [], folder: null };

interface Setup {
  verbs?: Partial<Verbs>;
  recipes?: Partial<Recipes>;
  examination?: Examination;
  settings?: Settings;
  stdin?: string | Uint8Array;
  tty?: boolean;
  columns?: number;
  rows?: number;
  /** Is given what listens to changes of the terminal's size. */
  onResize?: (listener: () => void) => void;
  /** What a person types when he is asked, line by line; then he types no more. Default: stdin is no terminal. */
  typed?: readonly string[];
  env?: NodeJS.ProcessEnv;
  program?: IO['program'];
  script?: string;
  cwd?: string;
  /** The reader of what is printed leaves after so many lines. */
  closedAfter?: number;
  /** Gets the options with which verbs are opened. */
  opened?: ClientOptions[];
  /** Is given the listener of each command that waits, and how many signals it wants to hear of. */
  onSignal?: (listener: (signal: EndSignal) => void, times?: number) => void;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** What was called of the verbs, with its arguments. */
  calls: [string, ...unknown[]][];
  /** How often verbs were opened, and closed. */
  opened: ClientOptions[];
  closed: number;
}

/** Runs a command line; only the verbs that are given can be called. `resolve` gives back what it gets. */
export async function cli(argv: readonly string[], setup: Setup = {}): Promise<Ran> {
  const ran: Ran = { code: -1, stdout: '', stderr: '', calls: [], opened: setup.opened ?? [], closed: 0 };
  const out = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      ran[name] += text;
    },
    isTTY: setup.tty ?? false,
    columns: setup.columns,
    rows: setup.rows,
    onResize(listener: () => void) {
      setup.onResize?.(listener);
      return () => {};
    },
    get closed() {
      return (setup.closedAfter ?? Number.POSITIVE_INFINITY) <= ran[name].split('\n').length - 1;
    },
  });
  const typed = [...(setup.typed ?? [])];
  ran.code = await run(
    {
      program: setup.program ?? 'offstage',
      script: setup.script,
      stdout: out('stdout'),
      stderr: out('stderr'),
      env: setup.env ?? {},
      cwd: setup.cwd ?? '/nowhere',
      stdin: { isTTY: setup.typed !== undefined },
      async readLine(prompt) {
        const line = typed.shift();
        ran.stderr += `${prompt}${line ?? ''}\n`;
        return line;
      },
      readStdin: async () =>
        typeof setup.stdin === 'string' ? Buffer.from(setup.stdin) : (setup.stdin ?? new Uint8Array()),
      onSignal(listener, times) {
        setup.onSignal?.(listener, times);
        return () => {};
      },
      async openVerbs(options) {
        ran.opened.push(options);
        return recording(ran, { ...standard(), ...setup.verbs });
      },
      servicesOf: async () => ({}) as Services,
      examine: async () => setup.examination as Examination,
      settingsOf: async () => setup.settings as Settings,
      openRecipes: async () => setup.recipes as Recipes,
    },
    argv,
  );
  return ran;
}

/** Verbs that nearly every test would give. */
function standard(): Partial<Verbs> {
  return {
    resolve: async (id) => id,
    lacks: async () => LACKS_NOTHING,
  };
}

function recording(ran: Ran, verbs: Partial<Verbs>): Verbs {
  return new Proxy({} as Verbs, {
    get(_, name: string) {
      if (name === 'then') return undefined; // it is awaited, and is no promise
      if (name === 'config') return verbs.config ?? {};
      if (name === 'store') return verbs.store ?? '/nowhere/.offstage/tasks.db';
      if (name === 'close') return async () => void ran.closed++;
      const verb = verbs[name as keyof Verbs] as ((...args: unknown[]) => unknown) | undefined;
      if (verb === undefined) throw new Error(`the command must not call ${name}`);
      return (...args: unknown[]) => {
        ran.calls.push([name, ...args]);
        return verb(...args);
      };
    },
  });
}

/** The one document that a run with `--json` printed; throws when there is not exactly one. */
export function document<T = Record<string, unknown>>(ran: Pick<Ran, 'stdout'>): T {
  return JSON.parse(ran.stdout) as T;
}
