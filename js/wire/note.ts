/** What agents tell of their work beside its text, as events of their own kinds, and what they are told of it. */

/** A use of a tool: once in the life of a task, in the commit that stores what came of it. */
export interface ToolNote {
  /** The step that uses it, as in `usage`: 1 to 200 characters. */
  step: string;
  /** Which call of the step: `"2.1"` is the first one of its second model call. */
  call: string;
  /** The tool, as the model named it. */
  name: string;
  /** Whether it did what it was asked to; what it said instead was told to the model. */
  ok: boolean;
  /** How long that took, in milliseconds. */
  ms: number;
}

/** Something is not as it should be, and the work goes on all the same. */
export interface WarningNote {
  /** A stable word: programs judge by it. */
  reason: string;
  /** For people. */
  message: string;
}

export type Note = { kind: 'tool'; tool: ToolNote } | { kind: 'warning'; warning: WarningNote };

/** Under these a context takes notes, and has what its task had used of models before this run; undefined: nothing. They are no
 * names, so that no code of users meets them by mistake. */
export const NOTE: unique symbol = Symbol('note');
export const USED: unique symbol = Symbol('used');
