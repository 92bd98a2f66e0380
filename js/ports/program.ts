/** A kind of recipe: what its folder's program is, how that is read, planned and run. `program/kinds.ts` lists them. */
import type { RecipeContext } from './recipe.ts';

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

/** How one kind is read and planned. `Field` is what `TEMPLATE.yaml` says, `Value` what a record keeps of it. */
export interface ProgramReading<Field = unknown, Value = unknown, P extends Program = Program> {
  /** Reads what stands under the kind's key; undefined when nothing does. */
  field(check: FieldCheck, slot: FieldSlot): Field | undefined;
  /** What there is to run; undefined when the folder is not of this kind. `RecipeValidationError` for what cannot be run. */
  read(folder: ProgramFolder, field: Field | undefined): Value | undefined;
  /** What a process runs, looked at once more; undefined when it is gone. */
  program(folder: ProgramFolder, value: Value): P | undefined;
  /** What of the folder decides what is run: paths from `root`; files and folders on no other way. */
  paths(folder: ProgramFolder, value: Value): readonly string[];
  /** Names of programs that must be on the `PATH`. */
  external(folder: ProgramFolder, value: Value): readonly string[];
  /** Equal for runs that may share a process. */
  processKey(program: P, code: { digest: string }, root: string): string;
}

/** What a run of a program is given beside its context. */
export interface ProgramTools {
  /** From here on code of the recipe runs; what the process did before is not its. */
  begun(): void;
  /** Adds lines to the task's log. */
  log(lines: string[]): void;
  /** The version to run; `serves`: the code has the one that the task knows. Rejects when none may be run. */
  version(serves: boolean): Promise<string>;
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

/** One line of the list of kinds. */
export interface ProgramKind {
  /** The key of `TEMPLATE.yaml` that names the program, and that a task's record keeps it under. */
  readonly key: string;
  /** Files that make a folder one of this kind without a key. */
  readonly files: readonly string[];
  /** Its process loads the recipe's code into Node. */
  readonly loadsCode: boolean;
  /** Loads how it is read. */
  reading(): Promise<{ reading: ProgramReading }>;
  /** Loads how it is run. */
  running(): Promise<ProgramRunning>;
}
