/** What a model is told of the tools for background tasks: their descriptions, and the forms of what they take. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { checkJson } from '../wire/json-schema.ts';
import { TaskStatus } from '../wire/task.ts';

/** A JSON Schema of an object; what asks for a Standard Schema finds one in it. */
export interface ToolSchema extends StandardSchemaV1 {
  /** Always an object. */
  readonly type: 'object';
  /** By name. */
  readonly properties: Readonly<Record<string, object>>;
  /** Those that must be given. */
  readonly required: readonly string[];
  /** Nothing else is taken. */
  readonly additionalProperties: false;
}

/** The first four are those of published background agents. */
export type ToolName =
  | 'bg_submit'
  | 'bg_status'
  | 'bg_list'
  | 'bg_wait'
  | 'bg_result'
  | 'bg_cancel'
  | 'bg_respond'
  | 'schedule_add'
  | 'schedule_list'
  | 'schedule_remove';

interface Form {
  description: string;
  inputSchema: ToolSchema;
}

/** Longest wait of one call, in seconds. */
const LONGEST_WAIT = 600;
/** So many tasks are told or waited for at once. */
const MOST_TASKS = 100;

const ID = { type: 'string', pattern: '^task_[0-9a-f]{32}$', description: 'The task_id that bg_submit answered with' };
const KEY = { type: 'string', minLength: 1, maxLength: 200 };

/** `recipes`: what may be submitted; undefined: whatever has a name. */
export function toolForms(recipes: readonly string[] | undefined): Record<ToolName, Form> {
  const recipe = {
    type: 'string',
    description: 'Which work',
    ...(recipes === undefined ? { pattern: '^(?!.*\\.\\.)[a-z0-9][a-z0-9._-]{0,63}$' } : { enum: recipes }),
  };
  const name = { ...KEY, description: 'What to call the task' };
  const key = { ...KEY, description: 'The same key again gives the same task, and starts nothing' };
  const input = { description: 'What the work is given' };
  const one = { task_id: ID };
  return {
    bg_submit: form(
      'Starts work in the background and answers at once with its task_id.',
      { recipe, input, name, key },
      ['recipe'],
    ),
    bg_status: form('Says how a background task stands.', one, ['task_id']),
    bg_list: form('Lists background tasks, the newest first.', {
      status: { type: 'string', enum: Object.values(TaskStatus) },
      limit: { type: 'integer', minimum: 1, maximum: MOST_TASKS },
    }),
    bg_wait: form(
      'Waits until background tasks have ended, or with any until the first has, and answers with their results.',
      {
        task_ids: { type: 'array', items: ID, minItems: 1, maxItems: MOST_TASKS },
        any: { type: 'boolean' },
        timeout_sec: { type: 'number', minimum: 0, maximum: LONGEST_WAIT },
      },
      ['task_ids'],
    ),
    bg_result: form('Gives the result of a background task that has ended.', one, ['task_id']),
    bg_cancel: form('Cancels a background task.', { ...one, reason: { type: 'string', maxLength: 1000 } }, ['task_id']),
    bg_respond: form(
      'Answers a question that a background task asks (questions in bg_status).',
      { ...one, key: KEY, action: { type: 'string', enum: ['accept', 'decline', 'cancel'] }, content: {} },
      ['task_id', 'key', 'action'],
    ),
    ...scheduleForms(recipe, input),
  };
}

/** What is done by itself, later or again and again. */
function scheduleForms(recipe: object, input: object): Pick<Record<ToolName, Form>, `schedule_${string}` & ToolName> {
  const called = { ...KEY, description: 'What the schedule is called; each name once' };
  return {
    schedule_add: form(
      'Starts work by itself when its time comes, once or again and again; or reminds with a message in place of a recipe.',
      {
        name: called,
        when: {
          type: 'string',
          maxLength: 200,
          description:
            'As "30m", "every day at 9am", "weekdays at 17:30", "in 20 minutes", "at:2027-01-31T09:00", "cron:0 9 * * 1-5"',
        },
        zone: { type: 'string', maxLength: 100, description: 'Time zone of the times, as Europe/Berlin' },
        recipe,
        input,
        message: { type: 'string', minLength: 1, maxLength: 10_000, description: 'What to remind of' },
      },
      ['name', 'when'],
    ),
    schedule_list: form('Lists the schedules.', {}),
    schedule_remove: form('Removes a schedule; what it has started goes on.', { name: called }, ['name']),
  };
}

function form(description: string, properties: Record<string, object>, required: string[] = []): Form {
  const schema = { type: 'object', properties, required, additionalProperties: false } as const;
  return { description, inputSchema: standard(schema) };
}

/** Not enumerable, so that the schema as JSON is a JSON Schema and nothing else. */
function standard(schema: Omit<ToolSchema, '~standard'>): ToolSchema {
  const json = () => JSON.parse(JSON.stringify(schema));
  const value = {
    version: 1,
    vendor: 'offstage',
    jsonSchema: { input: json, output: json },
    async validate(given: unknown) {
      const problems = await checkJson(schema, given, 'input');
      if (problems.length === 0) return { value: given };
      return { issues: problems.map(({ path, message }) => ({ message: `${path}: ${message}` })) };
    },
  };
  return Object.defineProperty(schema, '~standard', { value }) as unknown as ToolSchema;
}
