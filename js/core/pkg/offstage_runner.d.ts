/** The generated bindings of the runner, as far as they are used; kept by hand so that types do not wait for a build. What they throw is JSON text. */
export class Runner {
  /** `options`: `EngineOptions` of `core/runner.ts`. */
  constructor(options: object, seed: Uint8Array, ports: object);
  free(): void;
  ring(): void;
  turned(): void;
  parted(): void;
  hold(holds: boolean): void;
  static capacity(): number;
  static words(): number;
  texts(): string;
  name(name: string): number;
  rename(number: number, name: string): void;
  /** -1: refused; `refuse` says why. */
  submit(name: number, priority: number, timeoutMs: number, mono: number): number;
  refuse(): void;
  /** `spec`: a `RunnerSpec` of `core/runner.ts`. */
  submitSpec(spec: object, mono: number): number;
  take(mono: number): number;
  next(mono: number): number;
  /** -1: refused; `refuse` says why. */
  succeed(slot: number, attempt: number, epoch: number, awaited: boolean, mono: number): number;
  fail(
    slot: number,
    attempt: number,
    epoch: number,
    name: string,
    message: string,
    retryable: boolean,
    budget: true | undefined,
    awaited: boolean,
    mono: number,
  ): number;
  stopped(slot: number, attempt: number, epoch: number, awaited: boolean, mono: number): number;
  cancel(slot: number, reason: string | undefined, mono: number): number;
  cancelAll(): number;
  cancelNext(reason: string | undefined, mono: number): number;
  drop(slot: number): boolean;
  stop(drainMs: number, mono: number): number;
  /** False: so many milliseconds were over first. */
  allEnded(ms: number, mono: number): Promise<boolean>;
  idle(mono: number): Promise<boolean>;
  room(below: number, mono: number): Promise<boolean>;
  tellAfter(id: number, ms: number, mono: number): number;
  tellNot(id: number, until: number): void;
  pause(paused: boolean): void;
  setLimit(limit: number): void;
  observe(observed: boolean): void;
  progress(
    slot: number,
    attempt: number,
    epoch: number,
    fraction: number,
    message: string | undefined,
    data: string | undefined,
    mono: number,
  ): number;
  log(slot: number, attempt: number, epoch: number, line: string, mono: number): number;
  output(slot: number, attempt: number, epoch: number, chunk: string, mono: number): number;
  usage(
    slot: number,
    attempt: number,
    epoch: number,
    numbers: Float64Array,
    model: string | undefined,
    step: string | undefined,
    finishReason: string | undefined,
    mono: number,
  ): number;
  tool(
    slot: number,
    attempt: number,
    epoch: number,
    step: string,
    call: string,
    name: string,
    ok: boolean,
    ms: number,
    mono: number,
  ): number;
  warning(slot: number, attempt: number, epoch: number, reason: string, message: string, mono: number): number;
  step(slot: number, attempt: number, epoch: number, key: string, mono: number): number;
  ask(
    slot: number,
    attempt: number,
    epoch: number,
    key: string,
    message: string,
    schema: string | undefined,
    expiresMs: number | undefined,
    mono: number,
  ): number;
  answer(slot: number, key: string, action: number, content: string | undefined, mono: number): number;
  lend(slot: number): boolean;
  reclaim(slot: number): void;
  id(order: number): string;
  status(slot: number): number;
  record(slot: number, mono: number): string | undefined;
  droppedRecord(
    order: number,
    name: string,
    completed: boolean,
    priority: number,
    timeoutMs: number,
    createdAt: number,
    startedAt: number,
    endedAt: number,
  ): string;
  events(slot: number, after: number): string;
  slots(live: boolean, ended: boolean): Uint32Array;
  counts(): Record<string, number>;
}
export function parseDuration(text: string, option: string): number;
export function checkSeconds(seconds: number, option: string): number;
export function initSync(options: { module: Uint8Array }): { memory: { readonly buffer: ArrayBuffer } };
