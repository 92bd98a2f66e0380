/** What the commands of `service` share. */
import type { Service, ServiceKind } from '../../../client/index.ts';
import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { Call, Flags } from '../../command.ts';

export const KINDS = {
  systemd: { type: 'boolean', help: 'as a user unit of systemd', default: 'on Linux' },
  launchd: { type: 'boolean', help: 'as an agent of launchd', default: 'on macOS' },
  cron: { type: 'boolean', help: 'as a line of the crontab' },
} as const;

/** The one that was asked for; undefined: what is usual here. */
export function kindOf(flags: Flags<typeof KINDS>): ServiceKind | undefined {
  const kinds = (['systemd', 'launchd', 'cron'] as const).filter((kind) => flags[kind]);
  if (kinds.length <= 1) return kinds[0];
  throw new InvalidArgumentError(`service: got --${kinds.join(' and --')}, expected one of them`);
}

/** Answers with the service; `text` is the data, what is to be typed goes to stderr. */
export function answerService(call: Call, service: Service, document: Record<string, unknown>, text: string): void {
  const { warnings, commands, ...known } = service;
  const more = warnings.length === 0 ? {} : { warnings };
  call.answer({ ok: true, ...known, ...document, commands, ...more }, text);
  for (const warning of warnings) call.tell(`warning: ${warning}`);
}
