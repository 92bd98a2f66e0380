/** Warns of inputs that are files of other media than text: a model sees their names only. */
import type { NamedTool } from './policy.ts';
import { builtIn } from './tool-names.ts';

/** By the name of the input: `image_path`, `video`, `pdf_files`. */
const MEDIA = /(^|[_-])(audio|image|pdf|photo|screenshot|video)s?([_-]|$)/i;

/** A text each. Functions of the recipe's own may look into whatever they like: with one of them nothing is said. */
export function unseenMedia(required: readonly string[], uses: readonly NamedTool[]): string[] {
  if (uses.some(({ from }) => from === 'python')) return [];
  const hasShell = uses.some(({ name }) => builtIn(name)?.name === 'shell_tool');
  const but = hasShell ? ', but for what a shell prints of it' : '';
  return required
    .filter((name) => MEDIA.test(name))
    .map((name) => `input ${name}: a model is told its text, a path, and nothing of what is in such a file${but}`);
}
