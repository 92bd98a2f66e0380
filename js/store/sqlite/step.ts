/** What a step of the schema is. */

/** How a file that lacks a step is read: what its statements, beside new tables and columns, would have put there. */
export interface Reads {
  /** By table and column: what stands there, as SQL over the row that is there. Otherwise the column's default does. */
  columns?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By table: a SELECT of the rows that the step adds. */
  rows?: Readonly<Record<string, string>>;
}

/** SQL alone where an older file reads as if its new columns had their defaults and its new tables were empty. */
export type Step = string | { sql: string; reads: Reads };

export const sqlOf = (step: Step): string => (typeof step === 'string' ? step : step.sql);
