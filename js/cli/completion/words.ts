/** What may follow what was typed: asked by the scripts of all shells, answered from the table that parses and helps. */
import { STATUSES } from '../../wire/task.ts';
import { type Command, type Contents, type Entry, find, GLOBALS, type Option, type Options } from '../command.ts';

/** A word that may follow, and what it is. */
export interface Candidate {
  word: string;
  about: string;
}

/** What is asked for the words that may follow. */
export interface Known {
  /** Every command there is. */
  contents: Contents;
  recipes(): Promise<Candidate[]>;
  /** Task ids, of live tasks only where others make no sense. */
  tasks(live: boolean): Promise<Candidate[]>;
}

/** The verbs that are for live tasks. */
const FOR_LIVE = ['cancel', 'wait', 'respond', 'update', 'recover'];

/** The words that may stand in the place of the last one, which may be empty; none where files may, or words of a program. */
export async function candidates(words: readonly string[], known: Known): Promise<Candidate[]> {
  const typed = words.filter((word) => word !== '='); // bash takes an option and its value apart there
  const before = typed.slice(0, -1);
  if (before.includes('--')) return [];
  const last = typed.at(-1) ?? '';
  const all = await allFor(before, last, known);
  return all.filter(({ word }) => word.startsWith(last));
}

async function allFor(before: readonly string[], last: string, known: Known): Promise<Candidate[]> {
  const { path, command, option } = await stateAfter(before, known.contents);
  if (option !== undefined) return valuesOf(option, known);
  const options: Options = { ...command?.options, ...GLOBALS };
  const inline = /^--([^=]+)=/.exec(last);
  if (inline !== null) {
    const named = Object.entries(options).find(([name]) => name === inline[1]);
    const values = named === undefined ? [] : await valuesOf(named, known);
    return values.map(({ word, about }) => ({ word: inline[0] + word, about }));
  }
  if (last.startsWith('-')) return optionNames(options);
  return command === undefined ? commandNames(path, known.contents) : argumentsOf(command, path, known);
}

interface State {
  /** The words of the command as far as they are there. */
  path: string[];
  command?: Command;
  /** An option that waits for its value. */
  option?: [string, Option];
}

async function stateAfter(words: readonly string[], contents: Contents): Promise<State> {
  const state: State = { path: [] };
  for (const word of words) {
    if (state.option !== undefined) delete state.option;
    else if (word.startsWith('-')) setOption(state, word);
    else if (state.command === undefined) await enter(state, word, contents);
  }
  return state;
}

function setOption(state: State, word: string): void {
  const options: Options = { ...state.command?.options, ...GLOBALS };
  const found = Object.entries(options).find(([name, { short }]) => word === `--${name}` || word === `-${short}`);
  if (found?.[1].type === 'string') state.option = found;
}

/** One more word of the command. `help` stands before those. */
async function enter(state: State, word: string, { groups, commands }: Contents): Promise<void> {
  const [group] = state.path;
  if (word === 'help') return;
  const table: Readonly<Record<string, Entry>> = group === undefined ? commands : (groups[group]?.commands ?? {});
  const found = find(table, word);
  const { name } = found ?? (group === undefined ? find(groups, word) : undefined) ?? {};
  if (name !== undefined) state.path.push(name);
  if (found !== undefined) state.command = (await found.entry.load()).command;
}

function commandNames([group]: readonly string[], { groups, commands }: Contents): Candidate[] {
  const table = group === undefined ? { ...groups, ...commands } : (groups[group]?.commands ?? {});
  return Object.entries(table).map(([word, { summary }]) => ({ word, about: summary }));
}

const optionNames = (options: Options): Candidate[] =>
  Object.entries(options).map(([name, { help }]) => ({ word: `--${name}`, about: help }));

async function valuesOf([name, { value = '' }]: [string, Option], known: Known): Promise<Candidate[]> {
  if (name === 'recipe') return known.recipes();
  if (name === 'id') return known.tasks(false);
  if (name === 'status') return STATUSES.map((word) => ({ word, about: '' }));
  return wordsIn(value);
}

/** The words of `fail|retry`; none of `JSON|TEXT`, which are kinds. */
const wordsIn = (text: string): Candidate[] =>
  /^[a-z]+(\|[a-z]+)+$/.test(text) ? text.split('|').map((word) => ({ word, about: '' })) : [];

async function argumentsOf({ usage }: Command, path: readonly string[], known: Known): Promise<Candidate[]> {
  const ways = usage.split('\n').map((way) => way.replace(/[[\]…]/g, '').split(' ')[0] ?? '');
  const each = await Promise.all(
    ways.map((first) => {
      if (/^ID\b/.test(first)) return known.tasks(FOR_LIVE.includes(path.at(-1) ?? ''));
      return first === 'RECIPE' ? known.recipes() : wordsIn(first);
    }),
  );
  return each.flat();
}
