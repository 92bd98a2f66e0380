/** Interim core binding. */
import { readFileSync } from 'node:fs';
import { errorFrom, type TaskErrorJson, TaskError } from '../errors/index.ts';
import type { TaskStatus, TaskStatusJson } from '../wire/task.ts';
import * as glue from './pkg/offstage_core.js';

declare namespace WebAssembly { class Module { constructor(b: Uint8Array); } class RuntimeError extends Error {} }
export type Command = { command: string; [key: string]: unknown };
export type Spec = Record<string, unknown>;
export interface CoreEvent { seq: number; at: number; kind: string; data: string }
export interface Decided {
  record: string; changed: boolean; status: TaskStatus; events: CoreEvent[];
  columns: { status: TaskStatus; recipe: string; name: string; session_id?: string | null; parent_id?: string | null; priority: number; run_at?: number | null; head: boolean; due_at?: number | null; worker?: string | null; completed_at?: number | null; idempotency_key?: string | null };
}
export interface Facts { owner: 'alive' | 'gone' | 'unknown'; lease_until: number | null; runnable: boolean }
export type { TaskErrorJson };
let ready = false;
function core(): typeof glue {
  if (!ready) {
    glue.initSync({ module: new WebAssembly.Module(readFileSync(new URL('./pkg/offstage_core_bg.wasm', import.meta.url))) });
    ready = true;
  }
  return glue;
}
function call<T>(body: (c: typeof glue) => T): T {
  try { return body(core()); } catch (e) {
    if (e instanceof WebAssembly.RuntimeError) throw new TaskError('core_dead', String(e));
    if (e instanceof Error && 'code' in e) throw errorFrom(e as never);
    throw e;
  }
}
export const submit = (spec: Spec, id: string, now: number): Decided => JSON.parse(call((c) => c.submit(JSON.stringify(spec), id, now)));
export const decide = (record: string, command: Command, now: number, rnd = Math.random()): Decided => JSON.parse(call((c) => c.decide(record, JSON.stringify(command), now, rnd)));
export const attention = (record: string, facts: Facts, now: number): TaskStatusJson => JSON.parse(call((c) => c.attention(record, JSON.stringify(facts), now)));
export const attentionUnreadable = (): TaskStatusJson => JSON.parse(call((c) => c.attentionUnreadable()));
export const duration = (record: string, now: number): number | null => call((c) => c.duration(record, now)) ?? null;
export const dropAt = (record: string, seenAt: number | null): number | null => call((c) => c.dropAt(record, seenAt)) ?? null;
export const newTaskId = (): string => call((c) => c.taskIds(crypto.getRandomValues(new Uint8Array(16))))[0] as string;
export const newSessionId = (): string => call((c) => c.sessionId(crypto.getRandomValues(new Uint8Array(4))));
export const parseReference = (text: string): { id: string } | { prefix: string } => { const r = call((c) => c.parseReference(text)); return r.length === 37 ? { id: r } : { prefix: r }; };
export const parseDuration = (value: number | string, option: string): number => typeof value === 'string' ? call((c) => c.parseDuration(value, option)) : call((c) => c.checkSeconds(value, option));
