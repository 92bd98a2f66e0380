/** Writes the report as Markdown. */

export function markdownOf({ path, files, binary, lines, todos, languages, largest, skipped }) {
  const parts = [
    `# Code report: ${code(path)}`,
    `${number(files)} text files, ${number(lines)} lines, ${number(todos)} TODOs; ${number(binary)} binary files.`,
    '## Languages',
    table(
      ['Language', 'Files', 'Lines', 'TODOs', 'Bytes'],
      languages.map((one) => [one.language, ...[one.files, one.lines, one.todos, one.bytes].map(number)]),
    ),
  ];
  if (largest.length > 0) parts.push('## Largest files', largestTable(largest));
  for (const { language, largest: own } of languages) {
    if (own.length > 0) parts.push(`### ${language}`, largestTable(own));
  }
  const { links, unreadable } = skipped;
  if (links > 0) parts.push(`${number(links)} links were not followed.`);
  if (unreadable.length > 0) parts.push(`Could not be read: ${unreadable.map(code).join(', ')}.`);
  return `${parts.join('\n\n')}\n`;
}

const largestTable = (files) =>
  table(
    ['File', 'Lines', 'TODOs', 'Bytes'],
    files.map((file) => [code(file.path), ...[file.lines, file.todos, file.bytes].map(number)]),
  );

function table(head, rows) {
  const rule = head.map((_cell, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const number = (value) => value.toLocaleString('en-US');

/** A file's name may hold anything: what would end the code, the cell or the line is replaced. */
const code = (text) => `\`${text.replace(/[`\p{Cc}]/gu, '?').replaceAll('|', '\\|')}\``;
