/** What a command is given of the world; tests give it another one. */
import type { ClientOptions, Examination, Recipes, Services, Settings, Verbs } from '../client/index.ts';

/** A stream that text is written to. */
export interface Out {
  write(text: string): void;
  isTTY: boolean;
  /** Width of the terminal in columns; undefined when there is none. */
  columns: number | undefined;
  /** Its height in lines; undefined when there is none. */
  rows: number | undefined;
  /** Calls back when the terminal has another size; returns what stops that. */
  onResize(listener: () => void): () => void;
  /** Its reader has gone: what is written goes nowhere. */
  closed: boolean;
}

/** The two signals that ask a command to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM';

/** Everything outside of the CLI that a command touches. */
export interface IO {
  /** What a user types to get here: `offstage`, or `background` for the bin of that name. */
  program: 'offstage' | 'background';
  /** The path by which it was called; undefined when there is none. */
  script?: string | undefined;
  stdout: Out;
  stderr: Out;
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdin: { isTTY: boolean };
  /** Everything that stdin has. */
  readStdin(): Promise<Uint8Array>;
  /** A line that a person types, after a prompt on stderr; undefined when nobody types any more, or the signal is aborted. */
  readLine(prompt: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Calls the listener at the first signal, or at so many `times`; one more ends the process at once. Returns what stops
   * listening.
   */
  onSignal(listener: (signal: EndSignal) => void, times?: number): () => void;
  openVerbs(options: ClientOptions): Promise<Verbs>;
  openRecipes(options: ClientOptions): Promise<Recipes>;
  examine(options: ClientOptions): Promise<Examination>;
  settingsOf(options: ClientOptions): Promise<Settings>;
  servicesOf(options: ClientOptions): Promise<Services>;
}
