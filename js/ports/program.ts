/** A kind of recipe: what its folder's program is, how that is read, planned and run. `program/kinds.ts` lists them. */
import type { AgentLimits } from '../wire/budget.ts';
import type { AgentsConfig } from '../wire/config.ts';
import type { SessionMessage } from '../wire/conversation.ts';
import type { Environment } from '../wire/globals.ts';
import type { AgentOptions } from '../wire/requests.ts';
import type { StoredUsage } from '../wire/usage.ts';
import type { RecipeContext } from './recipe.ts';
import type { FolderFacts } from './recipe-folder.ts';

/** What a process runs for a task: `kind` says which kind that is of, the rest is that kind's own. JSON. */
export interface Program {
  readonly kind: string;
}

/** Where a value stands in a file, from 1. */
export interface FieldPlace {
  line: number;
  column: number;
}

/** A value of `TEMPLATE.yaml`: where it stands and what it is; undefined where there is none. */
export interface FieldSlot {
  keys: readonly string[];
  value: unknown;
}

/** Checks a value, and collects what is wrong. */
export interface FieldCheck {
  /** A text, or the default when it is absent. */
  text(slot: FieldSlot, otherwise: string): string;
  /** A list of texts that fit; absent is `[]`. */
  texts(slot: FieldSlot, form?: string, fits?: (text: string) => boolean): string[];
  /** Notes that a value is not of the expected form. */
  expected(slot: FieldSlot, form: string): undefined;
  /** Where a value stands. */
  place(keys: readonly string[]): FieldPlace | undefined;
}

/** A recipe's folder. */
export interface ProgramFolder {
  /** Its real path. */
  root: string;
  /** The recipe's name. */
  name: string;
  /**
   * The real path of a file in it, by a path from `root` or an absolute one; undefined when nothing is there.
   * `RecipePolicyError` when it leads out of the folder, or can be written by others.
   */
  inside(path: string): string | undefined;
}

/** What a folder says about itself that has no template. */
export interface OwnFacts {
  /** Undefined where it gives none. */
  version: string | undefined;
  description: string;
  author: string;
  license: string;
  tags: readonly string[];
  /** Names of environment variables that must be set. */
  env: readonly string[];
  /** Names of programs that must be on the `PATH`. */
  external: readonly string[];
}

/** What a submit, or who asks what one would do, knows when it settles what the task will be. */
export interface ProgramSubmit {
  /** The submitter's. */
  env: Environment;
  /** The submitter's working folder. */
  cwd: string;
  /** What the configuration says of agents. */
  config: AgentsConfig;
  /** What was asked for. */
  asked: AgentOptions;
  /** What the recipe says of its agents; absent where it says nothing. */
  limits?: AgentLimits | undefined;
  /** As it was given; absent where nothing is submitted. */
  input?: { given: unknown };
  /** Names of environment variables that the recipe needs. */
  needs: readonly string[];
  /** Milliseconds since the epoch. */
  now: number;
  /** Seconds of a number or a text such as `"30m"`; throws for what is neither. */
  seconds(value: number | string, option: string): number;
  /** What is missing or denied is no error: somebody only looks. */
  looks?: true;
  /** What is denied is no error: the recipe is checked, not who may run it. */
  checks?: true;
  /** Finds the folder of another recipe by its name. */
  find(name: string): Promise<ProgramFolder>;
}

/** What a submit has settled: it holds for the task, whatever changes outside. */
export interface Settled {
  /** Kept in the record beside what the folder's program is. JSON. */
  settled: unknown;
  /** Stands for what was given. */
  input: unknown;
  /** Names of environment variables that reach it. */
  needs: readonly string[];
  /** Names of programs that must be on the `PATH`. */
  external: readonly string[];
  /** What people are shown of it. JSON. */
  plan: Record<string, unknown>;
  /** Names of tools that it needs and that are denied; any refuse a submit. */
  denied: readonly string[];
}

/**
 * How one kind is read and planned. `Field` is what `TEMPLATE.yaml` says, `Value` what a record keeps of it, `Folder` what
 * whoever reads a folder of this kind gets.
 */
export interface ProgramReading<Field = unknown, Value = unknown, P extends Program = Program, Folder = unknown> {
  /** Reads what stands under the kind's key; undefined when nothing does. */
  field(check: FieldCheck, slot: FieldSlot): Field | undefined;
  /** What there is to run; undefined when the folder is not of this kind. `RecipeValidationError` for what cannot be run. */
  read(folder: ProgramFolder, field: Field | undefined): Value | undefined;
  /** The folder as it is told of: `value` stands under the kind's key, beside what is known of every folder. */
  folder(facts: FolderFacts, value: Value): Folder;
  /** What a process runs, looked at once more; undefined when it is gone. `settled` as the submit has left it. */
  program(folder: ProgramFolder, value: Value, settled: unknown): P | undefined;
  /** What a folder without a template says about itself; for kinds whose file says all that one says. */
  alone?(folder: ProgramFolder): OwnFacts;
  /** Settles what must not change after the submit. Throws what the submit throws; without it there is nothing to settle. */
  settle?(folder: ProgramFolder, value: Value, submit: ProgramSubmit): Promise<Settled>;
  /** Other folders whose code it runs, by what the submit has settled: their real paths, in an order of their own. */
  beside?(settled: unknown): readonly string[];
  /** What of the folder decides what is run: paths from `root`; files and folders on no other way. */
  paths(folder: ProgramFolder, value: Value): readonly string[];
  /** Names of programs that must be on the `PATH`. */
  external(folder: ProgramFolder, value: Value): readonly string[];
  /** Equal for runs that may share a process. */
  processKey(program: P, code: { digest: string }, root: string): string;
}

/** What a run of a program is given beside its context. */
export interface ProgramTools {
  /** What the task has used of models before this run, over all attempts; undefined: nothing. */
  used: StoredUsage | undefined;
  /** From here on code of the recipe runs; what the process did before is not its. */
  begun(): void;
  /** Adds lines to the task's log. */
  log(lines: string[]): void;
  /** The version to run; `serves`: the code has the one that the task knows. Rejects when none may be run. */
  version(serves: boolean): Promise<string>;
  /** What was said in the session of the task before, in order. */
  conversation(): Promise<SessionMessage[]>;
  /** The run could not begin, for a reason that is not the recipe's: another worker takes it. */
  cannotBegin(error: unknown): never;
}

/** How one kind is run, in a child process that leads a group of its own. */
export interface ProgramRunning<P extends Program = Program> {
  /** Runs it to its end; what it throws fails the attempt. */
  runProgram(program: P, context: RecipeContext, tools: ProgramTools): Promise<unknown>;
  /** The process ends now: removes what must not stay. */
  forget?(): void;
}

/** One line of the list of kinds. `Folder`: what whoever reads a folder of this kind gets. */
export interface ProgramKind<Folder = unknown> {
  /** The key of `TEMPLATE.yaml` that names the program, and that a task's record keeps it under. */
  readonly key: string;
  /** Files that make a folder one of this kind without a key. */
  readonly files: readonly string[];
  /** One of these says all that `TEMPLATE.yaml` says: none is needed beside it. */
  readonly standsAlone?: true;
  /** Its process loads the recipe's code into Node. */
  readonly loadsCode: boolean;
  /** Never set: carries the type. */
  readonly folder?: Folder;
  /** @internal Loads how it is read. */
  reading(): Promise<{ reading: ProgramReading<unknown, unknown, Program, Folder> }>;
  /** @internal Loads how it is run. */
  running(): Promise<ProgramRunning>;
}
