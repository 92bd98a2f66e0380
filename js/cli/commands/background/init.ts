/** `recipe init` where somebody looks for it who has the bin `background` only. */
import type { Command } from '../../command.ts';
import { command as init } from '../recipe/init.ts';

export const command: Command = {
  ...init,
  examples: init.examples.map((example) => example.replace('recipe init', 'background init')),
};
