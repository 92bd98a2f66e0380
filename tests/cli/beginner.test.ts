/** Commands that somebody types who has just met us: what each is told, and whether that works. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN, Scene } from './scene.js';

const LIMIT = { timeout: 180_000 };
const ELSEWHERE = `task_${'ab12cd34'.repeat(4)}`;

interface Row {
  /** What is typed, as a shell has taken it apart. */
  typed: string[];
  exit: number;
  /** What stderr says: all of these. */
  says: (string | RegExp)[];
  stdout?: RegExp;
}

/** `ID`: a task that has completed; `LIVE`: one that runs. */
const ROWS: Row[] = [
  { typed: [], exit: 0, says: [], stdout: /^Usage: offstage <group> <command>/m },
  { typed: ['background'], exit: 0, says: [], stdout: /^Usage: offstage background <command>/m },
  { typed: ['help'], exit: 0, says: [], stdout: /^Usage: offstage <group> <command>/m },
  { typed: ['help', 'background', 'submit'], exit: 0, says: [], stdout: /^Usage: offstage background submit/m },
  {
    typed: ['background', 'submit', 'help'],
    exit: 2,
    says: ['unexpected argument "help"; help on it: offstage help background submit'],
  },
  { typed: ['ls'], exit: 2, says: ['unknown command "ls"', 'did you mean: offstage background list'] },
  { typed: ['list'], exit: 2, says: ['did you mean: offstage background list or offstage recipe list'] },
  { typed: ['background', 'lsit'], exit: 2, says: ['did you mean: offstage background list'] },
  { typed: ['backgruond', 'list'], exit: 2, says: ['did you mean: offstage background list'] },
  { typed: ['status', 'ID'], exit: 2, says: ['did you mean: offstage background status ID'] },
  { typed: ['ID'], exit: 2, says: ['did you mean: offstage background status ID'] },
  { typed: ['submit', '--', 'echo', 'hi'], exit: 2, says: ['did you mean: offstage background submit -- echo hi'] },
  { typed: ['recipe', 'submit', 'echo'], exit: 2, says: ['did you mean: offstage background submit --recipe echo'] },
  { typed: ['background', 'kill', 'ID'], exit: 2, says: ['did you mean: offstage background cancel ID'] },
  {
    typed: ['background', 'submit'],
    exit: 2,
    says: ['nothing to submit', 'offstage background submit -- npm test', '--recipe NAME'],
  },
  {
    typed: ['background', 'submit', 'echo'],
    exit: 2,
    says: ['offstage background submit -- echo; a recipe', 'offstage background submit --recipe echo'],
  },
  {
    typed: ['background', 'submit', 'npm test'],
    exit: 2,
    says: ['a program stands behind --: offstage background submit -- npm test'],
  },
  {
    typed: ['background', 'submit', 'ls', '-l'],
    exit: 2,
    says: ['unknown option -l', 'offstage background submit -- ls -l'],
  },
  {
    typed: ['background', 'submit', '--', 'npm run a && npm run b'],
    exit: 6,
    says: [`-- sh -c 'npm run a && npm run b'`],
  },
  {
    typed: ['background', 'submit', '--', 'npm test'],
    exit: 6,
    says: ['is no program on the PATH; its words stand apart: -- npm test'],
  },
  {
    typed: ['background', 'submit', '--recipe'],
    exit: 2,
    says: ['--recipe: got nothing, expected RECIPE', 'Recipes:   offstage recipe list'],
  },
  { typed: ['background', 'submit', '--recipe', '--wait'], exit: 2, says: ['--recipe: got the option --wait'] },
  {
    typed: ['background', 'submit', '--recipe', 'ehco'],
    exit: 7,
    says: ["'ehco' not found. Did you mean: echo?", 'Looked in: ', 'Make it:   offstage recipe init ehco'],
  },
  {
    typed: ['background', 'submit', '--recipe', 'misplaced'],
    exit: 7,
    says: ['Found:     ./misplaced, where no names are looked for', 'Make it: '],
  },
  {
    typed: ['background', 'submit', '--recipe', 'recipes/echo'],
    exit: 2,
    says: ["begins with './', as './recipes/echo'"],
  },
  {
    typed: ['background', 'submit', '--recipe', 'echo', '--input', '{value:', '1}'],
    exit: 2,
    says: ['JSON stands in single quotes: --input'],
  },
  {
    typed: ['background', 'submit', '--recipe', 'echo', '--no-worker', '--input', '{value:1}'],
    exit: 2,
    says: ['expected JSON: a name in double quotes or } at character 2', 'JSON stands in single quotes: --input'],
  },
  {
    typed: ['background', 'submit', '--recipe', 'echo', '--no-worker', '--input', 'in.json'],
    exit: 0,
    says: ['--input @in.json'],
    stdout: /^task_/,
  },
  {
    typed: ['background', 'submit', '--recipe', 'echo', '--run-at', 'tomorrow'],
    exit: 2,
    says: ['--run-at: got "tomorrow", expected a time such as 18:30'],
  },
  {
    typed: ['background', 'submit', '--recipe', 'echo', '--timeout', '5min'],
    exit: 2,
    says: ['--timeout: got "5min"', '30m'],
  },
  {
    typed: ['background', 'submit', '--recipe', 'echo', '--args', 'x'],
    exit: 2,
    says: ['unknown option --args; did you mean --input?'],
  },
  { typed: ['background', 'status'], exit: 2, says: ['no task given', 'Tasks:     offstage background list'] },
  { typed: ['background', 'status', 'zzz'], exit: 2, says: [/4 or more|hex/, 'Tasks:     offstage background list'] },
  {
    typed: ['background', 'status', ELSEWHERE],
    exit: 7,
    says: [`no task '${ELSEWHERE}' in `, 'Tasks:     offstage background list', 'Elsewhere: --store '],
  },
  { typed: ['background', 'result', 'LIVE'], exit: 4, says: ['has not finished', 'offstage background wait LIVE'] },
  {
    typed: ['background', 'retry', 'LIVE'],
    exit: 4,
    says: ['is running', 'Wait:      offstage background wait LIVE', 'Cancel:    offstage background cancel LIVE'],
  },
  { typed: ['background', 'respond', 'ID', 'yes'], exit: 2, says: ['no answer given, expected one of --accept JSON'] },
  {
    typed: ['recipe', 'run'],
    exit: 2,
    says: ['an argument is missing; usage: offstage recipe run RECIPE', 'Recipes:   offstage recipe list'],
  },
  { typed: ['-v'], exit: 2, says: ['unknown option -v; did you mean --version?'] },
  { typed: ['config', 'get', 'taskTimeout'], exit: 2, says: ['did you mean background.taskTimeout?'] },
  {
    typed: ['background', 'list', '--status', 'finished'],
    exit: 2,
    says: ['--status: got "finished"', 'done is completed'],
  },
  { typed: ['background', 'list', '--status', 'done,failed'], exit: 0, says: [], stdout: /true - completed/ },
  {
    typed: ['background', 'list', '--status', 'done', 'failed'],
    exit: 2,
    says: ['several are given as --status … --status failed'],
  },
  {
    typed: ['background', 'cancel', '--all'],
    exit: 2,
    says: [
      'unknown option --all; it is one of: offstage background events, offstage background recover, offstage background clear',
    ],
  },
  { typed: ['background', '--list'], exit: 2, says: ['unknown option --list; did you mean: offstage background list'] },
  { typed: ['recipe', 'new', 'x'], exit: 2, says: ['did you mean: offstage recipe init x'] },
  {
    typed: ['background', 'submit', '--recipe', 'echo', 'value=1'],
    exit: 2,
    says: ["a recipe's input is given by --input"],
  },
  {
    typed: ['background', 'submit', '--', 'cd', '/tmp'],
    exit: 6,
    says: ["that is a word of the shell: -- sh -c 'cd …'"],
  },
  { typed: ['background', 'submit', '--', 'FOO=1', 'make'], exit: 6, says: ['a variable is set by: -- env FOO=1 …'] },
  {
    typed: ['background', 'submit', '--', 'sleeep', '1'],
    exit: 6,
    says: ['is no program on the PATH; did you mean sleep?'],
  },
  {
    typed: ['config', 'set', 'background.taskTimeout', '5'],
    exit: 2,
    says: ['a setting is changed in offstage.config.json'],
  },
];

test(
  `${ROWS.length} wrong commands: each is told the next right step, in the words that were typed`,
  LIMIT,
  async (t) => {
    const scene = new Scene(t);
    mkdirSync(scene.file('misplaced'));
    writeFileSync(join(scene.file('misplaced'), 'TEMPLATE.yaml'), 'name: misplaced\n');
    writeFileSync(scene.file('in.json'), '{}');
    const id = (await scene.cli('submit', '--wait', '--', 'true')).task_id;
    const live = (await scene.cli('submit', '--', 'sleep', '600')).task_id;
    await scene.until(async () => (await scene.status(live)).status === 'running');
    const env = { ...scene.project.env, HOME: scene.file('home') };
    mkdirSync(join(scene.file('home'), '.offstage'), { recursive: true, mode: 0o700 });
    await otherStore(scene, join(scene.file('home'), '.offstage', 'tasks.db'));
    for (const { typed, exit, says, stdout = /^$/ } of ROWS) {
      const named = (text: string): string => text.replace(/^ID$|(?<= )ID\b/g, id).replace(/\bLIVE\b/g, live);
      const argv = typed.map(named);
      const ran = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
        execFile(process.execPath, [BIN, ...argv], { cwd: scene.folder, env }, (error, out, err) =>
          resolve({ code: Number(error?.code ?? 0), stdout: out, stderr: err }),
        );
      });
      const shown = `offstage ${argv.join(' ')}\n${ran.stdout}${ran.stderr}`;
      assert.equal(ran.code, exit, shown);
      assert.match(ran.stdout, stdout, shown);
      for (const text of says) {
        const found = typeof text === 'string' ? ran.stderr.includes(named(text)) : text.test(ran.stderr);
        assert.ok(found, `${shown}\nmust say: ${text}`);
      }
    }
  },
);

/** A store that is not the one of the project's folder. */
async function otherStore(scene: Scene, path: string): Promise<void> {
  await scene.project.json('background', 'submit', '--no-worker', '--store', scene.file('other.db'), '--', 'true');
  renameSync(scene.file('other.db'), path);
}
