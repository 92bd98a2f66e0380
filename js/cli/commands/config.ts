import type { Because, Setting } from '../../client/index.ts';
import { InvalidArgumentError } from '../../errors/argument.ts';
import { nearestOf } from '../../wire/nearest.ts';
import { type Call, defineCommand } from '../command.ts';
import { BECAUSE } from '../human/because.ts';
import { escaped } from '../human/escape.ts';
import { bare } from './outcome.ts';

export const command = defineCommand({
  usage: 'list\nget KEY',
  summary: 'Shows every setting, its value here, and where that comes from. list is the default.',
  about:
    'A value comes from an option, from the environment, from a file (offstage.config.json, or offstage in package.json) or is the default. Settings are changed there; this changes nothing.',
  options: {},
  args: { min: 0, max: 3 },
  examples: ['offstage config', 'offstage config get background.taskTimeout', 'offstage config list --json'],
  async run(call) {
    const { verb, key } = askedFor(call);
    const { file, settings } = await call.settings();
    if (verb === 'list') {
      call.answer({ ok: true, file, settings }, settings.map(line).join('\n'));
      call.tell(`File: ${file === null ? 'none' : escaped(file)}`);
      return 0;
    }
    const setting = settings.find((one) => one.key === key);
    if (setting === undefined) throw unknownKey(key, settings);
    call.answer({ ok: true, ...setting }, escaped(shown(setting.value)));
    return 0;
  },
});

function askedFor({ args: [verb = 'list', key, ...more], typedOf }: Call): { verb: string; key: string } {
  if (verb === 'list' && key === undefined) return { verb, key: '' };
  if (verb === 'get' && key !== undefined && more.length === 0) return { verb, key };
  const ways = `${typedOf('config', 'list')}, or ${typedOf('config', 'get')} KEY`;
  const file = verb === 'set' ? '; a setting is changed in offstage.config.json' : '';
  throw new InvalidArgumentError(`config: got ${JSON.stringify(verb)}, expected ${ways}${file}`);
}

function unknownKey(key: string, settings: readonly Setting[]): InvalidArgumentError {
  const keys = settings.map((setting) => setting.key);
  const near = keys.find((one) => one.endsWith(`.${key}`)) ?? nearestOf(key, keys);
  const hint = near === undefined ? `known are ${keys.join(', ')}` : `did you mean ${near}?`;
  return new InvalidArgumentError(`config: there is no key ${JSON.stringify(key)}; ${hint}`);
}

function line({ key, value, from, where }: Setting): string {
  const why = where === null ? '' : `: ${isBecause(where) ? BECAUSE[where] : where}`;
  return escaped(`${key} = ${shown(value)}  (${from}${why})`);
}

const isBecause = (where: string): where is Because => Object.hasOwn(BECAUSE, where);

const shown = (value: unknown): string => (value === null ? 'none' : bare(value).replaceAll(/\s*\n\s*/g, ' '));
