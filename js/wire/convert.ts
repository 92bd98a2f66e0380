/**
 * Converts between the stored record, the wire's JSON and the TypeScript `Task`.
 * Only the record's and the events' own keys are renamed: input, config, metadata, result, schemas, chunks, contents and
 * details pass untouched.
 */
import type { Carried } from './carried.ts';
import type { EventKind, TaskEvent, TaskEventJson } from './event.ts';
import { dataFromJson, dataJson } from './event-data.ts';
import type {
  InputRequest,
  InputRequestJson,
  OnLost,
  Task,
  TaskErrorJson,
  TaskJson,
  TaskStatus,
  TaskStatusJson,
  TaskWorkerJson,
  Undecoded,
} from './task.ts';
import { type SettledTools, toolsOf } from './tools.ts';
import { type StoredUsage, usageFromJson, usageJson } from './usage.ts';

/** The stored record as far as a reader needs it; times are milliseconds since the epoch. */
export interface RecordJson {
  task_id: string;
  name: string;
  recipe: string;
  status: TaskStatus;
  session_id?: string | null;
  parent_id?: string | null;
  priority?: number;
  attempt?: number;
  max_attempts: number;
  on_lost?: OnLost;
  progress?: number;
  progress_message?: string | null;
  created_at: number;
  run_at?: number | null;
  started_at?: number | null;
  completed_at?: number | null;
  stopped_at?: number | null;
  updated_at: number;
  deadline_at?: number | null;
  timeout_ms?: number | null;
  idempotency_key?: string | null;
  retried_from?: string | null;
  error?: TaskErrorJson | null;
  usage?: StoredUsage | null;
  carried?: Carried | null;
  /** Of the code that it knows. */
  version?: string | null;
  /** The code for which it is not started. */
  held?: { version: string } | null;
  requests?: Record<string, StoredRequest>;
  hold?: { worker: string; attempt: number; epoch: number } | null;
  /** Where the code comes from. */
  source?: ({ ad_hoc?: true; root: string; command?: readonly string[] } & SettledTools) | null;
}

interface StoredRequest {
  message: string;
  schema?: unknown;
  expires_at?: number | null;
  requested_at: number;
  answer?: unknown;
}

/** What a reader adds to a record to make a task of it. */
export interface TaskParts {
  input?: unknown;
  config?: unknown;
  metadata?: unknown;
  tags?: readonly string[];
  result?: unknown;
  /** Large or private details of the error, stored beside the record. */
  errorDetails?: unknown;
  /** What was told last in this attempt. */
  progressData?: unknown;
  worker: TaskWorkerJson | null;
  undecoded?: Undecoded;
  warnings?: readonly string[];
  unheldEnv?: readonly string[];
  attention: TaskStatusJson;
  duration: number | null;
  /** With all descendants. */
  usageTotal?: StoredUsage | null;
  /** When the record may go, ms since the epoch. */
  dropAt: number | null;
}

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null | undefined): string | null => (ms == null ? null : iso(ms));
const dateOrNull = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Builds the wire's task out of a stored record and its parts. */
export function taskJson(record: RecordJson, parts: TaskParts): TaskJson {
  return {
    task_id: record.task_id,
    name: record.name,
    recipe: record.recipe,
    ...commandOf(record),
    status: record.status,
    session_id: record.session_id ?? null,
    task_session_id: `bg:${record.task_id}`,
    owner_session_id: record.parent_id ? `bg:${record.parent_id}` : null,
    parent_id: record.parent_id ?? null,
    priority: record.priority ?? 0,
    attempt: record.attempt ?? 0,
    max_attempts: record.max_attempts,
    on_lost: record.on_lost ?? 'fail',
    progress: record.progress ?? 0,
    progress_message: record.progress_message ?? null,
    progress_data: parts.progressData ?? null,
    created_at: iso(record.created_at),
    run_at: isoOrNull(record.run_at),
    started_at: isoOrNull(record.started_at),
    completed_at: isoOrNull(record.completed_at),
    stopped_at: isoOrNull(record.stopped_at),
    updated_at: iso(record.updated_at),
    deadline_at: isoOrNull(record.deadline_at),
    duration: parts.duration,
    timeout_sec: record.timeout_ms == null ? null : record.timeout_ms / 1000,
    input: parts.input ?? null,
    config: parts.config ?? {},
    metadata: parts.metadata ?? {},
    tags: parts.tags ?? [],
    idempotency_key: record.idempotency_key ?? null,
    retried_from: record.retried_from ?? null,
    drop_at: isoOrNull(parts.dropAt),
    result: parts.result ?? null,
    error: errorJson(record.error, parts.errorDetails),
    usage: usageJson(record.usage),
    usage_total: usageJson(parts.usageTotal),
    ...carriedJson(record.carried),
    input_requests: openRequests(record.requests ?? {}),
    ...toolsJson(record),
    worker: parts.worker,
    ...(parts.unheldEnv === undefined ? {} : { unheld_env: parts.unheldEnv }),
    ...(parts.undecoded === undefined ? {} : { undecoded: parts.undecoded }),
    ...(parts.warnings === undefined ? {} : { warnings: parts.warnings }),
    task_status: parts.attention,
  };
}

/** What telemetry, deliveries and schedules have given it. */
function carriedJson(carried: Carried | null | undefined) {
  const { scheduled_for, ...shown } = carried ?? {};
  return { ...shown, ...(scheduled_for === undefined ? {} : { scheduled_for: iso(scheduled_for) }) };
}

/** What an ad-hoc command runs, and where; nothing of a recipe. */
function commandOf({ source }: RecordJson): Pick<TaskJson, 'command' | 'cwd'> {
  return source?.ad_hoc && source.command !== undefined ? { command: source.command, cwd: source.root } : {};
}

function toolsJson({ source }: RecordJson): Pick<TaskJson, 'tools'> {
  const tools = toolsOf(source);
  return tools === undefined ? {} : { tools };
}

function errorJson(error: TaskErrorJson | null | undefined, details: unknown): TaskErrorJson | null {
  if (!error) return null;
  return details === undefined ? error : { ...error, details };
}

function openRequests(requests: Record<string, StoredRequest>): Record<string, InputRequestJson> {
  const open = Object.entries(requests).filter(([, request]) => request.answer == null);
  return Object.fromEntries(
    open.map(([key, { message, schema, expires_at, requested_at }]) => [
      key,
      {
        message,
        ...(schema == null ? {} : { schema }),
        ...(expires_at == null ? {} : { expires_at: iso(expires_at) }),
        requested_at: iso(requested_at),
      },
    ]),
  );
}

/** Turns the wire's task into the one of the TypeScript API. */
export function taskFromJson(json: TaskJson): Task {
  return {
    taskId: json.task_id,
    name: json.name,
    recipe: json.recipe,
    ...(json.command === undefined ? {} : { command: json.command }),
    ...(json.cwd === undefined ? {} : { cwd: json.cwd }),
    status: json.status,
    sessionId: json.session_id,
    taskSessionId: json.task_session_id,
    ownerSessionId: json.owner_session_id,
    parentId: json.parent_id,
    priority: json.priority,
    attempt: json.attempt,
    maxAttempts: json.max_attempts,
    onLost: json.on_lost,
    progress: json.progress,
    progressMessage: json.progress_message,
    progressData: json.progress_data,
    createdAt: new Date(json.created_at),
    runAt: dateOrNull(json.run_at),
    startedAt: dateOrNull(json.started_at),
    completedAt: dateOrNull(json.completed_at),
    stoppedAt: dateOrNull(json.stopped_at),
    updatedAt: new Date(json.updated_at),
    deadlineAt: dateOrNull(json.deadline_at),
    duration: json.duration,
    timeoutSec: json.timeout_sec,
    input: json.input,
    config: json.config,
    metadata: json.metadata,
    tags: json.tags,
    idempotencyKey: json.idempotency_key,
    retriedFrom: json.retried_from,
    dropAt: dateOrNull(json.drop_at),
    result: json.result,
    error: json.error,
    usage: usageFromJson(json.usage),
    usageTotal: usageFromJson(json.usage_total),
    ...(json.trace === undefined ? {} : { trace: json.trace }),
    ...(json.deliver === undefined ? {} : { deliver: json.deliver }),
    ...(json.schedule_id === undefined ? {} : { scheduleId: json.schedule_id }),
    ...(json.scheduled_for === undefined ? {} : { scheduledFor: new Date(json.scheduled_for) }),
    inputRequests: Object.fromEntries(Object.entries(json.input_requests).map(([key, r]) => [key, inputRequest(r)])),
    ...(json.tools === undefined ? {} : { tools: json.tools }),
    worker: json.worker && {
      id: json.worker.id,
      pid: json.worker.pid,
      host: json.worker.host,
      leaseUntil: new Date(json.worker.lease_until),
    },
    ...(json.unheld_env === undefined ? {} : { unheldEnv: json.unheld_env }),
    ...(json.undecoded === undefined ? {} : { undecoded: json.undecoded }),
    ...(json.warnings === undefined ? {} : { warnings: json.warnings }),
    taskStatus: {
      status: json.task_status.status,
      kind: json.task_status.kind,
      display: json.task_status.display,
      blocked: json.task_status.blocked,
      terminal: json.task_status.terminal,
      needsAttention: json.task_status.needs_attention,
      nextAction: json.task_status.next_action,
      recovered: json.task_status.recovered,
      signals: json.task_status.signals,
    },
  };
}

function inputRequest(json: InputRequestJson): InputRequest {
  return {
    message: json.message,
    ...(json.schema === undefined ? {} : { schema: json.schema }),
    ...(json.expires_at === undefined ? {} : { expiresAt: new Date(json.expires_at) }),
    requestedAt: new Date(json.requested_at),
  };
}

/** An event as it is stored: milliseconds since the epoch, JSON text. */
export interface StoredEvent {
  seq: number;
  at: number;
  kind: EventKind;
  data: string;
}

/** Turns a stored event into the wire's. */
export function eventJson(taskId: string, { seq, at, kind, data }: StoredEvent): TaskEventJson {
  return { task_id: taskId, seq, at: iso(at), kind, data: dataJson(kind, JSON.parse(data)) } as TaskEventJson;
}

/** Turns the wire's event into the one of the TypeScript API. */
export function eventFromJson({ task_id, seq, at, kind, data }: TaskEventJson): TaskEvent {
  return { taskId: task_id, seq, at: new Date(at), kind, data: dataFromJson(data) } as TaskEvent;
}
