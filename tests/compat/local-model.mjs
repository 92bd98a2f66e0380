/**
 * A model as a local one is: no key is needed. It answers by the request alone: each harmless tool that it is offered it uses once, and
 * where a schema is asked for it gives JSON that fits.
 */
import { serve, toolCalls } from './serve.mjs';

const USES = {
  read_file: { path: 'notes.txt' },
  file_read_tool: { path: 'notes.txt' },
  list_files: {},
  shell_tool: { command: 'echo seen' },
  execute_command: { command: 'echo seen' },
};

export const startLocal = () =>
  serve(({ messages, tools = [], response_format: format }, index, { pieces, delta, end }) => {
    const isTold = messages.some(({ role }) => role === 'tool');
    const known = isTold ? [] : tools.map(({ function: { name } }) => name).filter((name) => name in USES);
    if (known.length > 0) {
      const calls = known.map((name) => [name, USES[name]]);
      pieces(delta({ tool_calls: toolCalls(index, calls) }), delta({}, 'tool_calls'));
    } else {
      const schema = format?.json_schema?.schema;
      const words = schema === undefined ? ['A ', 'local ', 'answer.'] : [JSON.stringify(fitting(schema))];
      pieces(...words.map((content) => delta({ content })), delta({}, 'stop'));
    }
    end({ prompt_tokens: 10, completion_tokens: 5 });
  });

/** The smallest value that fits, with one item in each list. */
function fitting({ type, enum: choices, properties = {}, required = [], items = {} }) {
  if (choices !== undefined) return choices[0];
  const kind = Array.isArray(type) ? type[0] : type;
  if (kind === 'array') return [fitting(items)];
  const names = new Set([...required, ...Object.keys(properties)]);
  if (kind === 'object' || names.size > 0) {
    return Object.fromEntries([...names].map((name) => [name, fitting(properties[name] ?? {})]));
  }
  return { number: 1, integer: 1, boolean: true, null: null }[kind] ?? 'text';
}
