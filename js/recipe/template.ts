/** Reads `TEMPLATE.yaml`: every field, its type and its place. */
import { type RecipeProblem, RecipeValidationError } from '../errors/index.ts';
import type { FolderFacts, RequiredVariable } from '../ports/recipe-folder.ts';
import { TEMPLATE } from '../program/contain.ts';
import { Checker, type Fields, isFields, type Slot } from '../program/fields.ts';
import { KIND_NAMES, kindOf, readingOf } from '../program/kinds.ts';
import { readYaml } from '../program/yaml.ts';
import { FIRST_VERSION, isRecipeName, isVersion, NAME_FORM, VERSION_FORM } from './name.ts';
import { readRuntime } from './runtime.ts';

/** What the file says. */
export type Template = Omit<FolderFacts, 'root' | 'digest'> & {
  /** Which kind of program it names, and how; undefined when it names none. */
  program: { kind: string; field: unknown } | undefined;
};

const KEYS = [
  'name',
  'version',
  'description',
  'author',
  'license',
  'tags',
  'requires',
  'config',
  'defaults',
  'input',
  'runtime',
  ...KIND_NAMES.map((kind) => kindOf(kind).key),
];

/** Keys of the format that need what this version does not have. */
const NOT_HERE: Record<string, string> = {
  tools: 'what agents may do is said by who submits, and by agents.tools of the configuration',
};

/**
 * Parses and checks the file's text. `folderName` is the name that a recipe without one has.
 * Throws `RecipeValidationError` with everything that is wrong, each with line and column.
 */
export async function readTemplate(text: string, folderName: string, env: NodeJS.ProcessEnv): Promise<Template> {
  const file = readYaml(TEMPLATE, text);
  const checker = new Checker(file);
  if (file.problems.length > 0) throw new RecipeValidationError(folderName, checker.problems);
  const fields = checker.mapping({ keys: [], value: file.value });
  const template = await readFields(checker, fields, folderName, env);
  if (checker.problems.length > 0)
    throw new RecipeValidationError(template.name || folderName, inOrder(checker.problems));
  return template;
}

/** The name that a file gives itself, whatever else is wrong with it; the folder's when it gives none. */
export async function declaredName(text: string, folderName: string): Promise<string> {
  const { value } = readYaml(TEMPLATE, text);
  return isFields(value) && typeof value.name === 'string' ? value.name : folderName;
}

/** The version that a file gives itself, or has without one; undefined for what is none. */
export async function declaredVersion(text: string): Promise<string | undefined> {
  const { value } = readYaml(TEMPLATE, text);
  if (value !== undefined && value !== null && !isFields(value)) return undefined;
  const { version = FIRST_VERSION } = value ?? {};
  return typeof version === 'string' && isVersion(version) ? version : undefined;
}

function readVersion(checker: Checker, slot: Slot): string {
  const version = checker.text(slot, FIRST_VERSION);
  if (!isVersion(version)) checker.expected(slot, VERSION_FORM);
  return version;
}

async function readFields(
  checker: Checker,
  fields: Fields,
  folderName: string,
  env: NodeJS.ProcessEnv,
): Promise<Template> {
  refuseUnknown(checker, fields);
  const at = (key: string) => checker.slot(fields, [], key);
  const { value: inputSchema } = at('input');
  if (inputSchema !== undefined && !isFields(inputSchema)) checker.expected(at('input'), 'a JSON Schema (a mapping)');
  return {
    name: readName(checker, fields, folderName),
    version: readVersion(checker, at('version')),
    description: checker.text(at('description'), ''),
    author: checker.text(at('author'), ''),
    license: checker.text(at('license'), ''),
    tags: checker.texts(at('tags')),
    requires: readRequires(checker, fields),
    config: checker.mapping(at('config')),
    defaults: checker.mapping(at('defaults')),
    runtime: await readRuntime(checker, fields, env),
    program: await readProgram(checker, at),
    ...(inputSchema === undefined ? {} : { inputSchema }),
  };
}

function refuseUnknown(checker: Checker, fields: Fields): void {
  const own = Object.keys(fields).filter((key) => Object.hasOwn(NOT_HERE, key));
  for (const key of own) checker.report([key], NOT_HERE[key] ?? '', 'key');
  checker.known(fields, [], [...KEYS, ...own]);
}

function readName(checker: Checker, fields: Fields, folderName: string): string {
  const slot = checker.slot(fields, [], 'name');
  const name = checker.text(slot, folderName);
  if (isRecipeName(name)) return name;
  if (slot.value === undefined) {
    checker.report([], `name: missing, and the folder's name '${folderName}' is not ${NAME_FORM}`);
  } else if (typeof slot.value === 'string') checker.expected(slot, NAME_FORM);
  return folderName;
}

/** What runs: by one key at most. */
async function readProgram(checker: Checker, at: (key: string) => Slot): Promise<Template['program']> {
  const found: { kind: string; field: unknown; slot: Slot }[] = [];
  for (const kind of KIND_NAMES) {
    const slot = at(kindOf(kind).key);
    const field = (await readingOf(kind)).field(checker, slot);
    if (slot.value !== undefined) found.push({ kind, field, slot });
  }
  const [first, second] = found;
  if (first === undefined) return undefined;
  if (second !== undefined) {
    checker.report(first.slot.keys, `given beside ${second.slot.keys}; a recipe runs one of them`, 'key');
  }
  return first.field === undefined ? undefined : { kind: first.kind, field: first.field };
}

const PACKAGE = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PROGRAM = /^[^/\\\0]+$/;

function readRequires(checker: Checker, fields: Fields): FolderFacts['requires'] {
  const requires = checker.mapping(checker.slot(fields, [], 'requires'));
  checker.known(requires, ['requires'], ['packages', 'env', 'external']);
  const list = (key: string, form: string, pattern: RegExp) =>
    checker.texts(checker.slot(requires, ['requires'], key), form, (text) => pattern.test(text));
  return {
    packages: list('packages', 'the name of an npm package', PACKAGE),
    env: readVariables(checker, checker.slot(requires, ['requires'], 'env')),
    external: list('external', 'the name of a program, without a path', PROGRAM),
  };
}

/** Each one is a name, or a mapping that says more about it. */
function readVariables(checker: Checker, slot: Slot): RequiredVariable[] {
  if (slot.value === undefined) return [];
  if (!Array.isArray(slot.value)) {
    checker.expected(slot, 'a list');
    return [];
  }
  const read: RequiredVariable[] = [];
  for (const [index, value] of slot.value.entries()) {
    read.push(...readVariable(checker, { keys: [...slot.keys, String(index)], value }));
  }
  return read;
}

function readVariable(checker: Checker, slot: Slot): RequiredVariable[] {
  const { keys, value } = slot;
  const fields = isFields(value) ? value : { name: value };
  checker.known(fields, keys, ['name', 'secret']);
  const name = isFields(value) ? checker.slot(fields, keys, 'name') : slot;
  const secret = checker.slot(fields, keys, 'secret');
  if (secret.value !== undefined && typeof secret.value !== 'boolean') checker.expected(secret, 'true or false');
  if (typeof name.value !== 'string' || !VARIABLE.test(name.value)) {
    checker.expected(name.value === undefined ? slot : name, 'the name of an environment variable');
    return [];
  }
  if (OURS.test(name.value)) checker.report(name.keys, `${name.value} is offstage's own, which reaches no recipe`);
  return [{ name: name.value, secret: secret.value !== false }];
}

/** What offstage itself reads: where stores are, and what opens them. */
const OURS = /^OFFSTAGE_(STORE|TOKEN|RECIPE_PATH|TRUSTED_FOLDERS|UNSAFE_FS|WORKER_IDLE)$/;

function inOrder(problems: readonly RecipeProblem[]): RecipeProblem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
