/** Commands that a test runs in a child process of its own. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CommandProgram } from '#offstage/program/command/reading-command.js';
import { Child } from '#offstage/worker/children/child.js';
import { marked } from '#offstage/worker/children/env.js';
import { endGroup } from '#offstage/worker/children/group.js';
import type { DoneMessage, Fact, FromChild, Outcome } from '#offstage/worker/protocol.js';
import { within } from '../../../waiting.js';

export interface Running {
  done: Promise<DoneMessage>;
  said: FromChild[];
  /** Facts so far. */
  facts(): Fact[];
  /** Log lines so far. */
  logs(): string[];
  /** Resolves when it has told how far it is. */
  progressed(): Promise<void>;
  abort(cause?: 'cancelled' | 'timeout'): void;
}

export interface Given {
  input?: unknown;
  config?: object;
  env?: Record<string, string>;
  /** The program. Default: this Node. */
  file?: string;
  /** Where it is started. Default: the test's folder. */
  cwd?: string;
}

/** A child process whose folder for temporary files is the test's own; what it runs is ended with the test. */
export async function start(t: TestContext) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-command-')));
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const own = { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: temporary, LANG: 'C' };
  const env = marked(own, 'worker_1');
  const child = await Child.start(env, tmpdir());
  const alive = setInterval(() => {}, 1000); // a child keeps no process alive
  t.after(async () => {
    clearInterval(alive);
    await endGroup(child.group);
    rmSync(folder, { recursive: true, force: true });
  });
  await child.ready;
  const run = (args: string[], given: Given = {}): Running =>
    runIn(child, folder, args, { ...given, env: { ...env, ...given.env } });
  const sh = (script: string, given?: Given): Running => run(['-c', script], { file: 'sh', ...given });
  return { child, folder, temporary, run, sh };
}

function runIn(child: Child, folder: string, args: string[], given: Given): Running {
  const { input = {}, config = {}, env = {}, file = process.execPath, cwd = folder } = given;
  const said: FromChild[] = [];
  let progressed = (): void => {};
  const hasProgressed = new Promise<void>((resolve) => {
    progressed = resolve;
  });
  const done = new Promise<DoneMessage>((resolve) => {
    child.listen({
      lines: (lines) =>
        said.push({ kind: 'facts', run: 0, facts: [{ kind: 'log', lines: ['unexpected:', ...lines] }] }),
      message: (message) => {
        said.push(message);
        if (factsOf(message).some(({ kind }) => kind === 'progress')) progressed();
        if (message.kind === 'done') resolve(message);
      },
    });
  });
  child.runs += 1;
  const run = child.runs;
  const program: CommandProgram = { kind: 'command', file, args, folder: cwd };
  child.send({
    kind: 'run',
    run,
    program,
    env,
    task: { taskId: 'task_1', name: 'it', sessionId: null, attempt: 2, version: '1' },
    input: JSON.stringify(input),
    config: JSON.stringify(config),
  });
  return {
    done: within(done, { what: 'the end of the command', hold: false }),
    said,
    facts: () => said.flatMap(factsOf),
    logs: () => said.flatMap(factsOf).flatMap((fact) => (fact.kind === 'log' ? fact.lines : [])),
    progressed: () => within(hasProgressed, { what: 'progress of the command' }),
    abort: (cause = 'cancelled') => child.send({ kind: 'abort', run, cause, message: 'enough' }),
  };
}

const factsOf = (message: FromChild): Fact[] => (message.kind === 'facts' ? message.facts : []);

export async function resultOf({ done }: Running): Promise<unknown> {
  const { outcome } = await done;
  assert.equal(outcome.kind, 'value', JSON.stringify(outcome));
  return JSON.parse((outcome as { json: string }).json);
}

export async function errorOf({ done }: Running): Promise<Extract<Outcome, { kind: 'error' }>['error']> {
  const { outcome } = await done;
  assert.equal(outcome.kind, 'error', JSON.stringify(outcome));
  return (outcome as Extract<Outcome, { kind: 'error' }>).error;
}
