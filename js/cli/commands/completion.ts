import { InvalidArgumentError } from '../../errors/argument.ts';
import { isTerminal } from '../../wire/task.ts';
import { type Call, defineCommand } from '../command.ts';
import { SCRIPTS, SHELLS } from '../completion/scripts.ts';
import { type Candidate, candidates, type Known } from '../completion/words.ts';

/** So many tasks are offered, the newest. */
const MOST_TASKS = 50;

export const command = defineCommand({
  usage: 'bash|zsh|fish\nwords -- WORD…',
  summary: 'Prints what makes a shell complete commands, options, recipes and tasks.',
  about:
    'bash: eval "$(offstage completion bash)" in ~/.bashrc. zsh: the same with zsh in ~/.zshrc, after compinit. fish: offstage completion fish > ~/.config/fish/completions/offstage.fish. What is printed asks words for what may stand in the place of the last WORD, one a line with what it is; it starts and makes nothing.',
  options: {},
  args: { min: 1, max: 1 },
  takesProgram: true,
  examples: ['offstage completion bash', "offstage completion words -- background status ''"],
  async run(call) {
    const [which = ''] = call.args;
    const shell = SHELLS.find((name) => name === which);
    if (shell !== undefined && call.program === undefined) {
      call.answer({ ok: true, shell, script: SCRIPTS[shell] }, SCRIPTS[shell]);
    } else if (which === 'words' && call.program !== undefined) {
      await answerWords(call, call.program);
    } else {
      throw new InvalidArgumentError(`completion: got ${JSON.stringify(which)}, expected ${SHELLS.join(', ')}`);
    }
    return 0;
  },
});

async function answerWords(call: Call, typed: readonly string[]): Promise<void> {
  const group = call.io.program === 'background' ? ['background'] : [];
  const words = await candidates([...group, ...typed], knownTo(call));
  const lines = words.map(({ word, about }) => `${word}${about === '' ? '' : `\t${about}`}\n`);
  if (call.globals.json) call.answer({ ok: true, words }, '');
  else if (lines.length > 0) call.answer({}, lines.join(''));
}

/** Who presses a key wants no errors: what cannot be read offers nothing. */
function knownTo(call: Call): Known {
  const unlessBroken = (look: () => Promise<Candidate[]>) => look().catch(() => []);
  return {
    contents: call.contents,
    recipes: () =>
      unlessBroken(async () => {
        const { recipes } = await (await call.recipes()).list();
        return recipes.map(({ name, description }) => ({ word: name, about: oneLine(description) }));
      }),
    tasks: (live) =>
      unlessBroken(async () => {
        const { tasks } = await (await call.verbs({ worker: 'none' })).list({ pageSize: MOST_TASKS });
        return tasks
          .filter(({ status }) => !live || !isTerminal(status))
          .map(({ task_id, name, status }) => ({
            word: task_id.replace(/^task_/, '').slice(0, 12),
            about: oneLine(`${name} ${status}`),
          }));
      }),
  };
}

/** Nothing in it that a terminal or the shell's own lines would take for more than text. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
