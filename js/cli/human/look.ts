/** What the one who reads can be shown: how wide, with colours or without, and with which characters. */
import type { Call } from '../command.ts';
import { ascii, escaped, isUtf8 } from './escape.ts';

/** How a text for a person is made. */
export interface Look {
  /** Undefined when there is no terminal, or one that does not know its own width. */
  columns: number | undefined;
  color: boolean;
  /** Boxes, signs and other characters of ours that are no ASCII. */
  fancy: boolean;
  /** The user's own characters that are no ASCII. */
  utf8: boolean;
}

/** Where nobody says otherwise: a terminal of any width, without colours. */
export const USUAL: Look = { columns: undefined, color: false, fancy: true, utf8: true };

/** Of what is written to stdout, or to stderr. */
export function lookOf({ io, globals }: Pick<Call, 'io' | 'globals'>, out: 'stdout' | 'stderr' = 'stdout'): Look {
  const { env } = io;
  const { isTTY, columns } = io[out];
  const isDumb = env.TERM === 'dumb';
  const utf8 = isUtf8(env);
  return { columns, color: isTTY && !isDumb && !env.NO_COLOR && !globals['no-color'], fancy: utf8 && !isDumb, utf8 };
}

/** A text of a user, as it may be shown. */
export function shown(text: string, { utf8 }: Pick<Look, 'utf8'>): string {
  return utf8 ? escaped(text) : ascii(escaped(text));
}
