/** The generated bindings, as far as they are used; kept by hand so that types do not wait for a build. Texts are JSON. What they throw is JSON text too. */
export function view(record: string, facts: string, now: number): string;
export function checkSeconds(seconds: number, option: string): number;
export function decide(record: string, command: string, now: number, random: number): string;
export function dropAt(record: string, seenAt?: number | null): number | undefined;
export function parseDuration(text: string, option: string): number;
export function parseReference(text: string): string;
export function sessionId(random: Uint8Array): string;
export function submit(spec: string, id: string, now: number): string;
export function taskIds(head: number, random: Uint8Array): string;
export function usageTotal(usages: string): string;
export class Records {
  decide(slot: number, record: string, command: string, now: number, random: number): string;
  batch(asked: string, now: number, worker: string): string;
  forget(slot: number): void;
  count(): number;
  free(): void;
}
export function initSync(options: { module: Uint8Array }): unknown;
