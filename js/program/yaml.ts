/** Reads YAML that is no more than JSON in a friendlier form, and knows on which line each value stands. */
import type { Document, LineCounter, Node } from 'yaml';
import type { RecipeProblem } from '../errors/index.ts';
import { requireOwn } from '../platform/package.ts';

/** Where a value stands; both count from 1. */
export interface Place {
  line: number;
  column: number;
}

/** A parsed file. With problems, `value` is of no use. */
export interface YamlFile {
  file: string;
  value: unknown;
  problems: RecipeProblem[];
  /** Where the value under these keys begins, or its key; undefined when there is none. */
  where(keys: readonly string[], part?: 'key' | 'value'): Place | undefined;
}

const parser = (): Yaml => requireOwn('yaml') as Yaml;

/** Loads the parser. */
export const loadYaml = async (): Promise<Yaml> => parser();

/** Parses YAML 1.2 (core schema) without anchors, aliases, tags of its own, repeated keys or a second document. */
export function readYaml(file: string, text: string): YamlFile {
  const yaml = parser();
  const lines = new yaml.LineCounter();
  const place = tooDeep(yaml, text);
  if (place !== undefined) {
    const problems = [{ path: file, ...place, message: `nested more than ${DEEPEST} deep` }];
    return { file, value: undefined, problems, where: () => undefined };
  }
  try {
    const document = yaml.parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: true,
      version: '1.2',
      logLevel: 'error', // 'silent' would accept a second document without a word,
    });
    const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
      path: file,
      ...placeOf(lines, pos[0]),
      message,
    }));
    problems.push(...beyondJson(yaml, document, lines, file));
    const value = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 });
    return { file, value, problems, where: (keys, part) => find(yaml, document, lines, keys, part ?? 'value') };
  } catch (error) {
    // Whatever the parser cannot stand is the file's fault.
    const message = `cannot be read: ${(error as Error).message}`;
    return { file, value: undefined, problems: [{ path: file, message }], where: () => undefined };
  }
}

type Yaml = typeof import('yaml');

/** Indents, items that begin on one line, and brackets, all in all. */
const DEEPEST = 200;

/**
 * Where a text is nested deeper than anything that can be meant. The parser goes down for each, and some thousand down it does
 * not throw but ends the process; the lexer does not.
 */
function tooDeep({ Lexer }: Yaml, text: string): Place | undefined {
  let [brackets, indent, items, isAtBegin] = [0, 0, 0, true];
  let [line, column, isScalar] = [1, 1, false];
  for (const token of new Lexer().lex(text)) {
    if (isScalar) isScalar = false;
    else if (token === SCALAR) isScalar = true;
    else if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets -= 1;
    else if (token === '-' || token === '?') items += 1;
    else if (isAtBegin && /^ +$/.test(token)) indent = token.length;
    if (brackets + indent + items > DEEPEST) return { line, column };
    const at = token.lastIndexOf('\n');
    isAtBegin = at === token.length - 1 && at >= 0;
    if (isAtBegin) [indent, items] = [0, 0];
    line += token.split('\n').length - 1;
    column = at < 0 ? column + token.length : token.length - at;
  }
  return undefined;
}

/** What the lexer says before a scalar. */
const SCALAR = '\u001f';

function beyondJson(yaml: Yaml, document: Document, lines: LineCounter, file: string): (RecipeProblem & Place)[] {
  const found: (RecipeProblem & Place)[] = [];
  const add = (node: Node, message: string) =>
    found.push({ path: file, ...placeOf(lines, node.range?.[0] ?? 0), message });
  yaml.visit(document, {
    Alias: (_key, node) => void add(node, `alias '*${node.source}' is not allowed: write the value out`),
    Value: (_key, node) => {
      if (node.anchor !== undefined) add(node, `anchor '&${node.anchor}' is not allowed: write the value out`);
      if (yaml.isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value)) {
        add(node, `${node.source ?? node.value} is not a number that JSON can carry`);
      }
      if (yaml.isScalar(node) && typeof node.value === 'string' && !node.value.isWellFormed()) {
        add(node, 'a text with half a surrogate pair cannot be stored as it is');
      }
    },
  });
  return found;
}

function find(
  yaml: Yaml,
  document: Document,
  lines: LineCounter,
  keys: readonly string[],
  part: 'key' | 'value',
): Place | undefined {
  const last = keys.at(-1);
  const parent = last === undefined ? undefined : (document.getIn(keys.slice(0, -1), true) ?? document.contents);
  const node =
    part === 'key' && yaml.isMap(parent)
      ? parent.items.find(({ key }) => yaml.isScalar(key) && key.value === last)?.key
      : document.getIn(keys, true);
  return yaml.isNode(node) && node.range ? placeOf(lines, node.range[0]) : undefined;
}

function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
