/** Which variables of an environment are handed on, and how. The only list of names there is. */
import type { Environment } from '../../wire/globals.ts';

const STORED = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ'];

/** What Node reads when it starts, so that it must be there by then. */
const READ_AT_START = ['LANG', 'TZ'];

/** What a terminal, an SSH session or a multiplexer says of itself. */
const TERMINAL = [
  ...['TERM', 'COLORTERM', 'COLUMNS', 'LINES', 'WINDOWID', 'LC_TERMINAL', 'LC_TERMINAL_VERSION', 'VTE_VERSION'],
  ...['TERM_PROGRAM', 'TERM_PROGRAM_VERSION', 'TERM_SESSION_ID', 'SSH_TTY', 'SSH_CLIENT', 'SSH_CONNECTION'],
  ...['TMUX', 'TMUX_PANE', 'STY', 'WINDOW', 'WT_SESSION', 'WT_PROFILE_ID', 'XDG_SESSION_ID', 'XDG_VTNR', 'GPG_TTY'],
];
const TERMINAL_PREFIXES = [
  'ITERM_',
  'KITTY_',
  'WEZTERM_',
  'ALACRITTY_',
  'GHOSTTY_',
  'KONSOLE_',
  'GNOME_TERMINAL_',
  'ZELLIJ',
];

/** What npm and its like say of the command or script that they run. */
const RUNNER = ['INIT_CWD', 'PROJECT_CWD', 'BERRY_BIN_FOLDER', 'NODE', 'COREPACK_ROOT', 'PNPM_SCRIPT_SRC_DIR'];
const RUNNER_PREFIXES = ['npm_', 'pnpm_config_'];

/** What a shell keeps for itself. */
const SHELL = ['_', 'PWD', 'OLDPWD', 'SHLVL', 'PS1', 'PS2', 'PS4', 'PROMPT', 'PROMPT_COMMAND', 'RPROMPT', 'HISTFILE'];
const SHELL_PREFIXES = ['HIST'];

/** Which span a process belongs to: another one with each command that is typed, and a task has that of its own attempt. */
const SPAN = ['TRACEPARENT', 'TRACESTATE'];

const LEFT_OUT = new Set([...TERMINAL, ...RUNNER, ...SHELL, ...SPAN]);
const PREFIXES_LEFT_OUT = [...TERMINAL_PREFIXES, ...RUNNER_PREFIXES, ...SHELL_PREFIXES, 'OFFSTAGE_'];

/** Of no secret, and stored as it is. */
export const isStored = (name: string): boolean =>
  STORED.includes(name) || (name.startsWith('LC_') && !LEFT_OUT.has(name));

/** One of those that a process must have when it starts. */
export const isReadAtStart = (name: string): boolean => READ_AT_START.includes(name) || name.startsWith('LC_');

/** One that Node, or what it is linked with, reads when it starts. */
export const isOfNode = (name: string): boolean =>
  name.startsWith('NODE_') || ['UV_THREADPOOL_SIZE', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'OPENSSL_CONF'].includes(name);

/** One of all those that a recipe with `runtime.env: inherit` gets beside what is stored. */
export const isOther = (name: string): boolean =>
  !isStored(name) && !LEFT_OUT.has(name) && !PREFIXES_LEFT_OUT.some((prefix) => name.startsWith(prefix));

/** The variables that are set and wanted, in the order of their names. */
export function variables(env: Environment, wanted: (name: string) => boolean): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries.filter(([name]) => wanted(name)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
