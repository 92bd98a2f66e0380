/** Tools for files: in the folder of the submit, and to read also in the recipe's own. */
import { readText } from '../../../wire/text.ts';
import { entriesIn, isSecret, readContained, writeContained } from './contained-file.ts';
import { type Tool, type ToolPlace, textsSchema } from './tool.ts';

/** Names in one answer. */
const MOST_NAMES = 1000;

const rootsOf = ({ folder, recipe }: ToolPlace): string[] => (recipe === undefined ? [folder] : [folder, recipe]);

export const readFile = (place: ToolPlace): Omit<Tool, 'name'> => ({
  description: 'Reads a text file and answers with its content.',
  parameters: textsSchema({ path: 'Path of the file, relative to the working folder' }, ['path']),
  async run({ path }) {
    const { text, problem } = readText(await readContained(String(path), rootsOf(place)));
    if (text === undefined) throw new Error(`it is no text: it ${problem}`);
    return text;
  },
});

export const listFiles = (place: ToolPlace): Omit<Tool, 'name'> => ({
  description: 'Lists the files and folders in a folder, one a line; folders end with /.',
  parameters: textsSchema({ path: 'Path of the folder, relative to the working folder; default: that itself' }, []),
  async run({ path = '.' }) {
    const entries = await entriesIn(String(path), rootsOf(place));
    const names = entries
      .filter(({ name }) => !isSecret(name))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort();
    const rest = names.length > MOST_NAMES ? [`and ${names.length - MOST_NAMES} more`] : [];
    return [...names.slice(0, MOST_NAMES), ...rest].join('\n');
  },
});

export const writeFile = ({ folder }: ToolPlace): Omit<Tool, 'name'> => ({
  description: 'Writes a text file, over what is there, and makes its folders.',
  parameters: textsSchema({ path: 'Path of the file, relative to the working folder', content: 'All of its text' }, [
    'path',
    'content',
  ]),
  async run({ path, content }) {
    await writeContained(String(path), String(content), folder);
    return `written: ${path}`;
  },
});
