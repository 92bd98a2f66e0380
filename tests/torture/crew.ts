/**
 * The workers of a project while they are killed: with one it is the detached one that a submit starts; with more they are
 * processes in the foreground beside each other, each of which is followed by another one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Project } from '../js/client/project.js';
import { kill } from '../js/worker/processes.js';
import { until } from '../waiting.js';

interface Member {
  process: ChildProcess;
  isReady: boolean;
  isKilled: boolean;
  /** How many tasks it has started. */
  ran: number;
}

export class Crew {
  readonly #project: Project;
  readonly #size: number;
  readonly #members: Member[] = [];

  constructor(project: Project, processes: number) {
    this.#project = project;
    this.#size = processes > 1 ? processes : 0;
  }

  /** Resolves when each of them takes tasks. */
  async start(): Promise<void> {
    this.#fill();
    await until(() => this.#members.every(({ isReady }) => isReady), { what: `${this.#size} workers` });
  }

  /** One of the workers that live, if one does. */
  one(random: () => number): number | undefined {
    const detached = this.#project.workers();
    const all = [...detached, ...this.#living().flatMap(({ process: { pid } }) => pid ?? [])];
    return all[Math.floor(random() * all.length)];
  }

  /** Kills those processes, whatever they are, and starts as many anew as were of here. */
  kill(pids: readonly number[]): void {
    for (const pid of pids) kill(pid);
    for (const member of this.#members) member.isKilled ||= pids.includes(member.process.pid as number);
    this.#fill();
  }

  #fill(): void {
    for (let left = this.#size - this.#living().length; left > 0; left--) this.#begin();
  }

  /** How many tasks each of them has started, those that were killed as well; the detached one is not among them. */
  get ran(): number[] {
    return this.#members.map(({ ran }) => ran);
  }

  #living(): Member[] {
    return this.#members.filter(({ process, isKilled }) => !isKilled && process.exitCode === null);
  }

  #begin(): void {
    const { runtime, bin, folder: cwd, env } = this.#project;
    const [program, ...before] = runtime;
    const args = [...before, bin, 'background', 'worker', '--concurrency', '2', '--json'];
    const process = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const member = { process, isReady: false, isKilled: false, ran: 0 };
    this.#members.push(member);
    createInterface(process.stdout).on('line', (line) => {
      const started = /"event":\s*"(\w+)"/.exec(line)?.[1] === 'started'; // its last line may be cut off
      member.isReady = true;
      member.ran += Number(started);
    });
  }
}
