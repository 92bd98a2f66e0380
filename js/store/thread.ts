/** Mounts a store in a thread of its own, so that an fsync never stalls the event loop of an app. */
import { Worker } from 'node:worker_threads';
import { type ErrorData, errorFrom, StoreError } from '../errors/index.ts';
import { packageFile } from '../platform/package.ts';
import type { Commit } from '../ports/backend.ts';
import { afterTurn } from './turn.ts';
import type { Ops, Store } from './types.ts';

/** What the thread is asked. */
export type Request =
  | { id: number; op: keyof Ops; args: unknown }
  | { id: number; close: true }
  | { keep: string }
  | { drop: string }
  | { watch: boolean };

/** What the thread says. */
export type Reply = { id: number; answer: unknown } | { id: number; error: ErrorData } | { wake: Commit | undefined };

/** Milliseconds that the thread gets to end after it has closed the file. */
const END_PATIENCE = 2_000;

interface Call {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

export class ThreadStore implements Store {
  readonly path: string;
  readonly folder: string;
  readonly #thread: Worker;
  readonly #calls = new Map<number, Call>();
  readonly #listeners = new Set<(commit?: Commit) => void>();
  /** What was asked in this turn of the event loop: it goes as one message. */
  #outbox: Request[] = [];
  /** Its last reply may come together with its end, so that is listened for from the start. */
  readonly #ended: Promise<void>;
  #next = 0;
  #dead: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string, folder: string, lookEvery?: number) {
    this.path = path;
    this.folder = folder;
    this.#thread = new Worker(packageFile('store/thread-main.js'), { workerData: { path, lookEvery }, execArgv: [] });
    this.#thread.unref(); // only an open call keeps the process alive
    this.#thread.on('message', (replies: Reply[]) => {
      for (const reply of replies) this.#receive(reply);
    });
    this.#thread.on('error', (error) => this.#died(error.message));
    this.#ended = new Promise((resolve) => this.#thread.once('exit', () => resolve()));
    this.#thread.on('exit', (code) => {
      if (this.#closing === undefined) this.#died(`it ended with code ${code}`);
      else this.#fail(closedError(path));
    });
  }

  run<K extends keyof Ops>(op: K, args: Parameters<Ops[K]>[0]): Promise<ReturnType<Ops[K]>> {
    return this.#call((id) => ({ id, op, args })) as Promise<ReturnType<Ops[K]>>;
  }

  watch(listener: (commit?: Commit) => void): () => void {
    if (this.#listeners.size === 0) this.#post({ watch: true });
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#post({ watch: false });
    };
  }

  keepLease(worker: string): void {
    this.#post({ keep: worker });
  }

  dropLease(worker: string): void {
    this.#post({ drop: worker });
  }

  /** Two that close it at once close it once. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#dead) return;
    await this.#call((id) => ({ id, close: true }));
    this.#fail(closedError(this.path)); // what is asked from now on is not answered
    await this.#end();
  }

  /** It ends by itself: a driver that is terminated inside a call may take the process along. */
  async #end(): Promise<void> {
    this.#thread.ref(); // whoever closes waits for it
    const timer = setTimeout(() => void this.#thread.terminate(), END_PATIENCE);
    await this.#ended;
    clearTimeout(timer);
  }

  #call(request: (id: number) => Request): Promise<unknown> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (this.#calls.size === 0) this.#thread.ref();
      this.#calls.set(id, { resolve, reject });
      this.#post(request(id));
    });
  }

  #post(request: Request): void {
    if (this.#dead) return;
    if (this.#outbox.push(request) === 1) afterTurn(() => this.#send());
  }

  #send(): void {
    const asked = this.#outbox;
    this.#outbox = [];
    if (this.#dead) return;
    try {
      this.#thread.postMessage(asked);
    } catch {
      for (const request of asked) this.#sendAlone(request); // one of them cannot be sent
    }
  }

  #sendAlone(request: Request): void {
    try {
      this.#thread.postMessage([request]);
    } catch (error) {
      if ('id' in request) this.#take(request.id)?.reject(error);
    }
  }

  #receive(reply: Reply): void {
    if ('wake' in reply) {
      for (const listener of [...this.#listeners]) listener(reply.wake);
      return;
    }
    const call = this.#take(reply.id);
    if (call === undefined) return; // closed meanwhile: whoever waits for the thread's end keeps the process
    if ('error' in reply) call.reject(errorFrom(reply.error));
    else call.resolve(reply.answer);
  }

  #take(id: number): Call | undefined {
    const call = this.#calls.get(id);
    if (this.#calls.delete(id) && this.#calls.size === 0) this.#thread.unref();
    return call;
  }

  /** What it was asked and has not answered may have been committed: nobody can tell but who looks. */
  #died(why: string): void {
    const of = `the store's thread died: ${why}`;
    this.#fail(
      threadDied(of),
      threadDied(`${of}; whether what was asked of it was stored is not known, look before you ask again`),
    );
  }

  /** `unanswered`: for what is under way. */
  #fail(error: Error, unanswered = error): void {
    const first = this.#dead === undefined;
    this.#dead ??= error;
    for (const { reject } of this.#calls.values()) reject(first ? unanswered : this.#dead);
    this.#calls.clear();
    for (const listener of [...this.#listeners]) listener();
  }
}

const closedError = (path: string): StoreError => new StoreError(`the store ${path} is closed`);

const threadDied = (message: string): StoreError => new StoreError(message, { details: { reason: 'thread_died' } });
