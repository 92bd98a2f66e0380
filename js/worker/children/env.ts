/** What of the environment a child process gets. */
import { GROUP_MARK } from '../../store/process.ts';

const PASSED = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ'];

/** The environment of every child: the few variables that programs cannot do without, and our own. */
export function childEnv(env: NodeJS.ProcessEnv, mark: string): Record<string, string> {
  const entries = defined(env).filter(([name]) => PASSED.includes(name) || name.startsWith('OFFSTAGE_'));
  return { ...Object.fromEntries(entries), [GROUP_MARK]: mark };
}

/** What a recipe gets on top: the variables that it requires, or with `inherit` all of them. */
export function recipeEnv(env: NodeJS.ProcessEnv, needs: readonly string[], inherit: boolean): Record<string, string> {
  return Object.fromEntries(defined(env).filter(([name]) => inherit || needs.includes(name)));
}

function defined(env: NodeJS.ProcessEnv): [string, string][] {
  return Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
}
