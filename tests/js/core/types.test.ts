/** `js/core/types.ts` says what crosses to the core; serde says what the core reads and writes. They must name the same fields. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../root.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const TYPES = read('js/core/types.ts');

/** What stands between the brace that the pattern ends with and the one that closes it. */
function block(text: string, start: RegExp): string {
  const begin = start.exec(text);
  assert.ok(begin, `${start} is there`);
  let depth = 1;
  let at = begin.index + begin[0].length;
  const from = at;
  for (; depth > 0; at++) depth += { '{': 1, '}': -1 }[text[at] ?? ''] ?? 0;
  return text.slice(from, at - 1);
}

const withoutComments = (text: string): string => text.replaceAll(/\/\*\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*/g, '');

/** The fields of an interface; a question mark where one may be left out. */
function interfaceFields(text: string, name: string): string[] {
  const body = withoutComments(block(text, new RegExp(`interface ${name} \\{`)));
  return [...body.matchAll(/^ {2}(\w+)(\??):/gm)].map(([, field, optional]) => `${field}${optional}`).sort();
}

/** The fields of a struct as serde names them; a question mark where one may be left out. */
function structFields(text: string, name: string): string[] {
  const start = new RegExp(`((?:#\\[[^\\n]*\\]\\n)*)(?:pub(?:\\([^)]*\\))? )?struct ${name} \\{`);
  const camel = /rename_all = "camelCase"/.test(start.exec(text)?.[1] ?? '');
  const body = withoutComments(block(text, start));
  const fields = [...body.matchAll(/((?:#\[[^\n]*\]\s*)*)(?:pub )?(\w+): ([^\n]+),/g)];
  return fields
    .map(([, attributes = '', field = '', type = '']) => {
      const named = /rename = "(\w+)"/.exec(attributes)?.[1] ?? (camel ? toCamel(field) : field);
      return `${named}${/\bdefault\b/.test(attributes) || type.startsWith('Option<') ? '?' : ''}`;
    })
    .sort();
}

const toCamel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());
const toSnake = (name: string): string => name.replaceAll(/(?<!^)([A-Z])/g, '_$1').toLowerCase();
const bare = (fields: readonly string[]): string[] => fields.map((field) => field.replace('?', ''));

test('what is asked for', () => {
  const spec = read('src/task/spec.rs');
  assert.deepEqual(interfaceFields(TYPES, 'Spec'), structFields(spec, 'Spec'));
  const backoff = /backoff\?: \{([^}]*)\}/.exec(TYPES)?.[1] ?? '';
  const named = [...backoff.matchAll(/(\w+\??):/g)].map(([, field]) => field).sort();
  assert.deepEqual(named, structFields(spec, 'BackoffSpec'));
});

/** Commands by name, with their fields. */
function commandsOfTypes(): Map<string, string[]> {
  const text = withoutComments(TYPES);
  const union = text.slice(text.indexOf('export type Command ='), text.indexOf('export interface CoreEvent'));
  const commands = new Map<string, string[]>();
  for (const [, body = '', run] of union.matchAll(/\{([^{}]*)\}( & Run)?/g)) {
    const fields = [...body.matchAll(/(\w+)\??:/g)].map(([, field]) => field as string);
    const name = /command: '(\w+)'/.exec(body)?.[1] ?? body;
    commands.set(name, [...fields.filter((field) => field !== 'command'), ...(run ? ['attempt', 'epoch'] : [])].sort());
  }
  return commands;
}

function commandsOfRust(): Map<string, string[]> {
  const body = withoutComments(block(read('src/task/command.rs'), /pub enum Command \{/));
  const variants = [...body.matchAll(/(\w+) \{([^{}]*)\}/g)];
  return new Map(
    variants.map(([, name = '', inner = '']) => [
      toSnake(name),
      [...inner.matchAll(/(\w+):/g)].map(([, field]) => field as string).sort(),
    ]),
  );
}

test('what can be said to a task', () => {
  const [types, rust] = [commandsOfTypes(), commandsOfRust()];
  assert.ok(rust.size > 15, `${rust.size} commands`);
  assert.deepEqual(Object.fromEntries(types), Object.fromEntries([...rust].sort(byOrderOf(types))));
  const fields = bare(structFields(read('src/task/command/fields.rs'), 'Fields'));
  const known = new Set(['command', ...[...rust.values()].flat()]);
  assert.deepEqual(fields, [...known].sort(), 'the flat object that a command is read from');
});

const byOrderOf =
  (order: ReadonlyMap<string, unknown>) =>
  ([one]: [string, unknown], [two]: [string, unknown]): number =>
    [...order.keys()].indexOf(one) - [...order.keys()].indexOf(two);

test('what comes back', () => {
  const task = read('src/wasm/task.rs');
  assert.deepEqual(bare(interfaceFields(TYPES, 'Columns')), bare(structFields(read('src/task/columns.rs'), 'Columns')));
  const decided = [...bare(structFields(task, 'Decided')), 'record'].sort();
  assert.deepEqual(interfaceFields(TYPES, 'Decided'), decided, 'the record is a text beside it');
  const event = [...bare(structFields(task, 'Row')), 'data'].sort();
  assert.deepEqual(interfaceFields(TYPES, 'CoreEvent'), event, 'so is the data of an event');
  const view = bare(structFields(read('src/wasm/rules.rs'), 'View'));
  assert.deepEqual(interfaceFields(read('js/core/index.ts'), 'View'), view);
});

/** The fields of an object that Rust reads one by one. */
function getters(text: string, name: string): string[] {
  const all = [...text.matchAll(/#\[wasm_bindgen\(([^\n]*)\)\]\s+(?:pub(?:\([^)]*\))? )?fn (\w+)\(this: &(\w+)\)/g)];
  const own = all.filter(([, , , type]) => type === name);
  return own.map(([, how = '', field = '']) => /js_name = (\w+)/.exec(how)?.[1] ?? field).sort();
}

test('what a runner is made with, and what it is asked for', () => {
  const [core, rust] = [read('js/core/runner.ts'), read('src/wasm/runner/spec.rs')];
  assert.deepEqual(interfaceFields(core, 'EngineOptions'), getters(rust, 'EngineOptions'));
  assert.deepEqual(interfaceFields(core, 'RunnerSpec'), getters(rust, 'RunnerSpec'));
  assert.deepEqual(interfaceFields(core, 'RunnerBackoff'), getters(rust, 'Backoff'));
  assert.ok(getters(rust, 'RunnerSpec').length > 10, 'the reader of getters finds them');
});

test('what was used, number by number, and every field of it', () => {
  const words = /const USED = \[([^\]]*)\]/.exec(read('js/core/runner.ts'))?.[1] ?? '';
  const told = [...words.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  const numbers = [...read('src/wasm/runner/tell.rs').matchAll(/(\w+): number\((\d+)\)/g)];
  const inOrder = numbers.sort((a, b) => Number(a[2]) - Number(b[2])).map(([, name]) => name);
  assert.deepEqual(inOrder, [...told, 'cost_source', 'incomplete']);
  const texts = ['model', 'step', 'finish_reason'];
  assert.deepEqual([...inOrder, ...texts].sort(), bare(structFields(read('src/task/usage.rs'), 'Used')));
});

test('facts, and what they lead to', () => {
  const attention = read('src/rules/attention.rs');
  assert.deepEqual(bare(interfaceFields(TYPES, 'Facts')), bare(structFields(attention, 'Facts')));
  assert.deepEqual(interfaceFields(read('js/wire/task.ts'), 'TaskStatusJson'), structFields(attention, 'TaskStatus'));
});

test('a field that one side lacks is seen', () => {
  const missing = TYPES.replace(/ {2}ttl_ms\?:[^\n]*\n/, '');
  assert.notDeepEqual(interfaceFields(missing, 'Spec'), structFields(read('src/task/spec.rs'), 'Spec'));
});
