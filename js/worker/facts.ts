/** What a run told, as commands of its task: masked, and cut to what an event may hold. */
import { cut } from '../wire/cut.ts';
import type { ToolNote } from '../wire/note.ts';
import type { Used } from '../wire/usage.ts';
import type { Told } from './journal.ts';
import type { MaskedFact, MaskedFacts } from './mask/facts.ts';
import type { Mask } from './mask/mask.ts';
import type { Fact } from './protocol.ts';

/** `isLast`: nothing follows, or not for long, so nothing is held back either. */
export function commandsOf(facts: readonly Fact[], isLast: boolean, masked: MaskedFacts, mask: () => Mask): Told[] {
  const told = facts.flatMap((fact) => toldOf(fact, masked, mask()));
  return isLast ? [...told, ...masked.flush().map(whole)] : told;
}

function toldOf(fact: Fact, masked: MaskedFacts, mask: Mask): Told[] {
  switch (fact.kind) {
    case 'log':
      return fact.lines.flatMap((line) => masked.log(line).map(whole));
    case 'output':
      return masked.output(fact.chunk).map(whole);
    case 'progress':
      return [
        { command: 'progress', fraction: fact.fraction, ...messageOf(fact.message, mask), ...dataOf(fact.data, mask) },
      ];
    case 'usage':
      return [{ command: 'usage', used: usedOf(fact.used, mask) }];
    case 'tool':
      return [{ command: 'tool', ...toolOf(fact.tool, mask) }];
    case 'warning':
      return [{ command: 'warning', ...fact.warning, message: mask.text(fact.warning.message) }];
    case 'left_out': // what comes next does not go on with what came before
      return [...masked.flush().map(whole), { command: 'log', line: leftOut(fact.events) }];
  }
}

const usedOf = ({ model, step, finish_reason, ...used }: Used, mask: Mask): Used => ({
  ...used,
  ...(model === undefined ? {} : { model: mask.name(model) }),
  ...(step === undefined ? {} : { step: mask.name(step) }),
  ...(finish_reason === undefined ? {} : { finish_reason: mask.text(finish_reason) }),
});

const toolOf = ({ step, name, ...tool }: ToolNote, mask: Mask): ToolNote => ({
  ...tool,
  step: mask.name(step).slice(0, MOST_NAME),
  name: mask.name(name).slice(0, MOST_NAME),
});

/** Characters of a name in an event; what stands for a value may be longer than it is. */
const MOST_NAME = 200;

/** Lines are cut when they are masked: a value that is cut in two would not be found. */
const whole = (fact: MaskedFact): Told => (fact.command === 'log' ? { ...fact, line: cut(fact.line) } : fact);

const leftOut = (events: number): string =>
  `… ${events} events came faster than they could be stored and were left out`;

/** For people: nobody gets back what is masked. */
const dataOf = (data: string | undefined, mask: Mask) =>
  data === undefined ? {} : { data: JSON.parse(mask.json(data).json) as unknown };

const messageOf = (message: string | null, mask: Mask) => (message === null ? {} : { message: mask.text(message) });
