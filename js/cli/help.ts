/** Help texts, made from the same tables that parse. */

import type { Entry, Group } from './command.ts';
import { type Command, GLOBALS, type Option, type Options } from './command.ts';
import { EXIT } from './exit.ts';
import { COMMANDS, GROUPS } from './groups.ts';
import type { IO } from './io.ts';
import { asCalled, calledAs } from './typed.ts';

export function rootHelp(io: IO): string {
  const offstage = calledAs(io, []);
  return sections([
    'offstage runs commands and recipes in the background and keeps the truth about them where any process can ask for it.',
    `Usage: ${offstage} <group> <command> [options]`,
    ...Object.entries(GROUPS).map(([name, group]) => block(`${heading(name, group)}:`, entries(group.commands))),
    block('offstage:', entries(COMMANDS)),
    block('Options of every command:', optionRows(GLOBALS)),
    block(
      'Exit codes:',
      Object.values(EXIT).map(({ code, means }) => [String(code), means]),
    ),
    block(
      'Examples:',
      [
        'offstage background submit -- npm test',
        `offstage background submit --recipe my-recipe --input '{"query": "test"}'`,
        'offstage background list',
        'offstage background wait 9f1c20ab',
      ].map((example) => [asCalled(io, example)]),
    ),
    `The bin \`background\` is \`offstage background\`. Help on one command: ${offstage} help <group> <command>`,
  ]);
}

export function groupHelp(io: IO, name: string, group: Group): string {
  const called = calledAs(io, [name]);
  return sections([
    `${called}: ${group.summary}`,
    `Usage: ${called} <command> [options]`,
    block('Commands:', entries(group.commands)),
    block('Options of every command:', optionRows(GLOBALS)),
    `Help on one command: ${called} <command> --help`,
  ]);
}

/** How a command is called, one way a line. Options stand behind the rest, but before a `--`. */
export function usageLines(io: IO, path: readonly string[], { usage }: Pick<Command, 'usage'>): string[] {
  return usage.split('\n').map((way) => {
    const at = way.indexOf('-- ');
    const [before, behind] = at < 0 ? [way, ''] : [way.slice(0, at).trim(), way.slice(at)];
    return [calledAs(io, path), before, '[options]', behind].filter(Boolean).join(' ');
  });
}

export function commandHelp(io: IO, path: readonly string[], command: Command): string {
  const own = optionRows(command.options);
  return sections([
    command.summary,
    `Usage: ${usageLines(io, path, command).join('\n       ')}`,
    asCalled(io, command.about ?? ''),
    own.length > 0 ? block('Options:', own) : '',
    block('Options of every command:', optionRows(GLOBALS)),
    block(
      'Examples:',
      command.examples.map((example) => [asCalled(io, example)]),
    ),
  ]);
}

const heading = (name: string, { summary, aliases = [] }: Group): string =>
  `${[name, ...aliases].join(', ')} - ${summary}`;

function entries(commands: Readonly<Record<string, Entry>>): string[][] {
  return Object.entries(commands).map(([name, entry]) => [[name, ...(entry.aliases ?? [])].join(', '), entry.summary]);
}

function optionRows(options: Options): string[][] {
  return Object.entries(options).map(([name, option]) => [spelled(name, option), explained(option)]);
}

function spelled(name: string, { short, type, value = 'VALUE' }: Option): string {
  return `${short ? `-${short}, ` : ''}--${name}${type === 'string' ? ` ${value}` : ''}`;
}

function explained({ help, default: standard, multiple }: Option): string {
  return `${help}${multiple ? ' (repeatable)' : ''}${standard === undefined ? '' : ` (default: ${standard})`}`;
}

function block(title: string, rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([first = '', second]) => (second === undefined ? 0 : first.length)));
  const lines = rows.map(([first = '', second]) =>
    second === undefined ? first : `${first.padEnd(width)}  ${second}`,
  );
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

const sections = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n');
