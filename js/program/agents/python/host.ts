/**
 * A recipe's Python, in a process that leads a group of its own: an abort ends it with all that it started, at once. It is
 * started by the first that needs it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { Lines } from '../../command/lines.ts';
import { AgentError } from '../failure.ts';
import type { ToolFacts } from '../model/types.ts';
import { HOST } from './host-source.ts';

export interface HostOptions {
  /** The interpreter: a path, or a name on the `PATH`. */
  python: string;
  /** The real path of the recipe's file. */
  file: string;
  /** Where it works. */
  folder: string;
  signal: AbortSignal;
  /** Takes what it prints. */
  log(line: string): void;
}

/** What the program answers, by what became of a request. */
interface Answered {
  id: number;
  tools?: ToolFacts[];
  text?: string;
  /** The function's own error. */
  error?: string;
  /** What the file could not import. */
  missing?: string;
  /** Why the file could not be loaded otherwise. */
  broken?: string;
}

interface Waiting {
  resolve(answer: Answered): void;
  reject(error: unknown): void;
}

export class PythonHost {
  readonly #options: HostOptions;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();
  #last = 0;
  #rest = '';

  constructor(options: HostOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#abort(), { once: true });
  }

  /** What models are told of its functions. */
  async describe(names: readonly string[]): Promise<ToolFacts[]> {
    const { tools, error } = await this.#ask({ op: 'describe', names });
    if (tools === undefined) throw this.#failure(error ?? 'it answered nothing');
    return tools;
  }

  /** Calls a function. What it throws is thrown, in its own words. */
  async call(name: string, args: Record<string, unknown>): Promise<string> {
    const { text, error } = await this.#ask({ op: 'call', name, arguments: args });
    if (text === undefined) throw new Error(error ?? 'it answered nothing');
    return text;
  }

  /** Ends it, with all that it started. */
  async close(): Promise<void> {
    this.#kill();
    await this.#gone;
  }

  async #ask(request: object): Promise<Answered> {
    const { signal, python, file } = this.#options;
    signal.throwIfAborted();
    const child = this.#start();
    this.#last += 1;
    const id = this.#last;
    const answer = await new Promise<Answered>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      (child.stdio[3] as Writable).write(`${JSON.stringify({ id, ...request })}\n`);
    });
    if (answer.missing !== undefined) {
      const what = `${file} needs the Python package '${answer.missing}', which ${python} does not have`;
      throw new AgentError(what, { reason: 'missing_dependency', package: answer.missing, python });
    }
    if (answer.broken !== undefined) throw this.#failure(`it could not be loaded: ${answer.broken}`);
    return answer;
  }

  #start(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const { python, file, folder, log } = this.#options;
    const child = spawn(python, ['-B', '-u', '-c', HOST, file], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new Lines((some) => {
        for (const line of some) log(line);
      });
      stream?.setEncoding('utf8').on('data', (text: string) => lines.add(text));
      stream?.on('end', () => lines.flush());
    }
    child.stdio[3]?.on('error', () => {}); // its end tells
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#gone = new Promise((resolve) => {
      child.once('error', (error) => this.#end(`${python} could not be started: ${error.message}`, resolve));
      child.once('exit', (code, by) => this.#end(`it ended (${by ?? `exit code ${code}`})`, resolve));
    });
    return child;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const answer = JSON.parse(line) as Answered;
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
    }
  }

  /** What it had written is read before those who wait are told that nothing more comes. */
  #end(how: string, resolve: () => void): void {
    this.#kill(); // what it left behind in its group
    setImmediate(() => {
      this.#child = undefined;
      this.#rejectAll(this.#failure(how));
      resolve();
    });
  }

  #abort(): void {
    this.#kill();
    this.#rejectAll(this.#options.signal.reason);
  }

  #rejectAll(error: unknown): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  #kill(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it has ended, with all of its group
    }
  }

  #failure(message: string): AgentError {
    const { file, python } = this.#options;
    return new AgentError(`${file}: ${message}`, { reason: 'tool_host', python });
  }
}
