/** Tells a file's language by its name, or by the program that its first line names. */
import { basename, extname } from 'node:path';

const BY_TYPE = {
  C: 'c h',
  'C++': 'cc cpp cxx hh hpp hxx',
  'C#': 'cs',
  CSS: 'css scss sass less',
  Dart: 'dart',
  Elixir: 'ex exs',
  Go: 'go',
  HTML: 'htm html vue svelte',
  Haskell: 'hs',
  JSON: 'json jsonc json5 jsonl',
  Java: 'java',
  JavaScript: 'js mjs cjs jsx',
  Kotlin: 'kt kts',
  Lua: 'lua',
  Markdown: 'md mdx markdown',
  PHP: 'php',
  Perl: 'pl pm',
  Python: 'py pyi',
  Ruby: 'rb',
  Rust: 'rs',
  SQL: 'sql',
  Scala: 'scala sc',
  Shell: 'sh bash zsh fish',
  Swift: 'swift',
  TOML: 'toml',
  Text: 'txt rst adoc',
  TypeScript: 'ts mts cts tsx',
  XML: 'xml svg xsd',
  YAML: 'yaml yml',
  Zig: 'zig',
};

const BY_NAME = { Dockerfile: 'Docker', Makefile: 'Make', 'CMakeLists.txt': 'CMake', LICENSE: 'Text' };

const BY_PROGRAM = [
  [/\b(?:ba|z|da|k)?sh\b/, 'Shell'],
  [/\bpython[\d.]*\b/, 'Python'],
  [/\b(?:node|bun|deno)\b/, 'JavaScript'],
  [/\bruby\b/, 'Ruby'],
  [/\bperl\b/, 'Perl'],
];

const TYPES = new Map(
  Object.entries(BY_TYPE).flatMap(([language, types]) => types.split(' ').map((type) => [`.${type}`, language])),
);

export function languageOf(path, start) {
  const name = basename(path);
  const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : TYPES.get(extname(name).toLowerCase());
  if (known !== undefined) return known;
  const program = start.startsWith('#!') ? start.split('\n', 1)[0] : '';
  return BY_PROGRAM.find(([pattern]) => pattern.test(program))?.[1] ?? 'Other';
}
