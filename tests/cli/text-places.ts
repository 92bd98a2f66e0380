/** The places where text comes in, each as a function from bytes, or from a text, to what has arrived there. */

import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { readConfig } from '#offstage/client/config.js';
import type { SubmitRequest } from '#offstage/client/index.js';
import { Output } from '#offstage/program/command/output.js';
import { findRecipe } from '#offstage/recipe/index.js';
import { only } from '#offstage/wire/only.js';
import { cli, submit as fakeSubmit } from '../js/cli/fake.js';
import { Project } from '../js/client/project.js';
import { addRecipe, tempFolder } from '../js/recipe/helpers.js';

/** Puts a text into what the place reads, as bytes made by the encoding; gives back the text that arrived. */
export interface Place {
  /** What stands around the text. */
  around: (text: string) => string;
  /** Rejects when it is refused. */
  take: (t: TestContext, bytes: Buffer) => Promise<unknown>;
  /** A word of a command line, or an environment variable: the system ends those at a NUL. */
  isWord?: true;
  /** It may be handed on as it is, with all that no text has. */
  isHandedOn?: true;
}

const json = (text: string): string => JSON.stringify({ a: text }).replaceAll('\\u0000', '\0');

/** The input that a command line submits; throws the error that it prints. */
async function submitted(argv: readonly string[], setup: { cwd?: string; stdin?: Buffer }): Promise<unknown> {
  const line = ['background', 'submit', '--recipe', 'r', ...argv, '--json'];
  const ran = await cli(line, { ...setup, verbs: { submit: fakeSubmit } });
  if (ran.code !== 0) throw refusal(ran.code, ran.stdout);
  return ((ran.calls[0]?.[1] ?? []) as SubmitRequest[])[0]?.input;
}

function refusal(code: number, stdout: string): Error {
  const doc = JSON.parse(stdout) as { error: string; code: string };
  return Object.assign(new Error(doc.error), { code: doc.code, exit: code });
}

const from = (value: unknown): unknown => (typeof value === 'object' ? (value as { a: unknown }).a : value);

function file(t: TestContext, bytes: Buffer): Promise<unknown> {
  const cwd = tempFolder(t);
  writeFileSync(join(cwd, 'in'), bytes);
  return submitted(['--input', '@in'], { cwd });
}

async function config(t: TestContext, name: string, bytes: Buffer): Promise<unknown> {
  const folder = tempFolder(t);
  writeFileSync(join(folder, name), bytes);
  return basename((await readConfig(folder, folder)).recipes?.[0] ?? '');
}

async function printed(bytes: Buffer): Promise<unknown> {
  const output = new Output(() => {});
  for (const byte of bytes) output.read(Uint8Array.of(byte)); // characters arrive in pieces
  return output.result();
}

/** Runs the CLI as a shell does that was given these bytes. */
async function shell(project: Project, before: Buffer, command: Buffer): Promise<string> {
  const script = project.file('typed.sh');
  writeFileSync(script, Buffer.concat([before, Buffer.from(`exec '${process.execPath}' '${project.bin}' `), command]));
  return new Promise((resolve, reject) => {
    execFile('sh', [script], { cwd: project.folder, env: project.env }, (error, stdout) => {
      if (error) reject(refusal(Number(error.code), stdout));
      else resolve(stdout);
    });
  });
}

const words = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const NOTHING = Buffer.alloc(0);

async function typed(t: TestContext, option: '--input' | '--config' | '--name', bytes: Buffer): Promise<unknown> {
  const project = new Project(t);
  const line = words('background submit --recipe echo --no-worker --json ', option, " '", bytes, "'");
  const { task_id } = JSON.parse(await shell(project, NOTHING, line)) as { task_id: string };
  const task = only(await (await project.verbs(t, 'none')).get([task_id]));
  return option === '--name' ? task.name : from(option === '--input' ? task.input : task.config);
}

async function named(t: TestContext, bytes: Buffer): Promise<unknown> {
  const project = new Project(t);
  const variable = words("export OFFSTAGE_STORE='", bytes, "'\n");
  const task = words('background submit --recipe echo --no-worker --json');
  await shell(project, variable, task);
  return readdirSync(project.folder)
    .find((name) => name.endsWith('.db'))
    ?.slice(0, -'.db'.length);
}

async function needed(t: TestContext, bytes: Buffer): Promise<unknown> {
  const project = new Project(t);
  project.addRecipe(
    'needy',
    'export default () => process.env.SOME_WORD;',
    'requires: {env: [{name: SOME_WORD, secret: false}]}\n',
  );
  const variable = words("export SOME_WORD='", bytes, "'\n");
  const out = await shell(project, variable, words('background submit --recipe needy --wait --json'));
  return (JSON.parse(out) as { result: unknown }).result;
}

export const PLACES: Record<string, Place> = {
  '`--input @FILE`, JSON': { around: json, take: async (t, bytes) => from(await file(t, bytes)) },
  '`--input @FILE`, text': { around: (text) => text, take: file },
  '`--input -`, JSON': {
    around: json,
    take: async (_, stdin) => from(await submitted(['--input', '-'], { stdin })),
  },
  '`--input -`, text': { around: (text) => text, take: (_, stdin) => submitted(['--input', '-'], { stdin }) },
  '`offstage.config.json`': {
    around: (text) => `{"recipes":["${text}"]}`,
    take: (t, bytes) => config(t, 'offstage.config.json', bytes),
  },
  '`package.json#offstage`': {
    around: (text) => `{"offstage":{"recipes":["${text}"]}}`,
    take: (t, bytes) => config(t, 'package.json', bytes),
  },
  '`TEMPLATE.yaml`': {
    around: (text) => `description: "${text}"\n`,
    take: async (t, bytes) => {
      const root = addRecipe(tempFolder(t), 'sample');
      writeFileSync(join(root, 'TEMPLATE.yaml'), bytes);
      return (await findRecipe(root, { env: {} })).description;
    },
  },
  'result of a program, JSON': { around: json, take: async (_, bytes) => from(await printed(bytes)), isHandedOn: true },
  'result of a program, text': { around: (text) => text, take: (_, bytes) => printed(bytes), isHandedOn: true },
  '`--input JSON`': { around: json, take: (t, bytes) => typed(t, '--input', bytes), isWord: true },
  '`--config JSON`': { around: json, take: (t, bytes) => typed(t, '--config', bytes), isWord: true },
  '`OFFSTAGE_STORE`': { around: (text) => `./${text}.db`, take: named, isWord: true },
  'a variable of `requires.env`': { around: (text) => text, take: needed, isWord: true, isHandedOn: true },
};
