/** The scenarios as they are written; `tests/contract/README.md` says what each key means. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunnerOptions, SubmitOptions } from '#offstage/runner/index.js';
import type { TaskStatus } from '#offstage/wire/task.js';
import { ROOT } from '../root.ts';

export interface File {
  about: string;
  scenarios: Scenario[];
}

export interface Scenario {
  name: string;
  rules: string[];
  needs?: string[];
  options?: RunnerOptions;
  steps: Step[];
}

/** What the API takes; `runAt` is milliseconds after the scenario began. */
export type Spec = Omit<SubmitOptions, 'runAt'> & { runAt?: number };

export interface Facts {
  status: TaskStatus;
  code?: string;
  attempt?: number;
  abandoned?: boolean;
}

export interface Step {
  submit?: string;
  spec?: Spec;
  parent?: string;
  key?: string;
  succeed?: string;
  fail?: string;
  message?: string;
  retryable?: boolean;
  stop_work?: string;
  ask?: string;
  expires?: number;
  answer?: string;
  action?: 'accept' | 'decline' | 'cancel';
  await?: string;
  child?: string;
  cancel?: string;
  cancel_all?: true;
  clear?: true;
  pause?: true;
  resume?: true;
  concurrency?: number;
  advance?: number;
  step_wall?: number;
  stop?: { drain: number };
  expect?: Record<string, string | Facts>;
  counts?: Record<string, number>;
  stopped?: boolean;
  then?: string[];
  work?: string[];
  refused?: string;
  deduplicated?: string;
}

const FOLDER = join(ROOT, 'tests/contract');

/** All files by their names without `.json`. */
export function files(): Record<string, File> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  const read = (name: string): File => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  return Object.fromEntries(names.sort().map((name) => [name.slice(0, -'.json'.length), read(name)]));
}
