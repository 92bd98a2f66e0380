import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import type { Spec } from '#offstage/core/index.js';
import { keyFile } from '#offstage/store/key.js';
import type { NewTask } from '#offstage/store/types.js';
import { Secrets } from '#offstage/worker/secrets.js';

const KEY = 'sk-live-ABCDEFGH12345678';

function secretsOf(t: TestContext, values: Record<string, string>) {
  const folder = mkdtempSync(`${tmpdir()}/offstage-secrets-`);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const notes: string[] = [];
  const secrets = new Secrets({ recipe: 'r', folder, note: (line) => notes.push(line) });
  const know = (more: Record<string, string> = {}, hidden = Object.keys(values)) => {
    const all = { ...values, ...more };
    const some = hidden.map((variable) => ({ variable, value: all[variable] ?? '' }));
    secrets.know({ secrets: some, valueOf: (variable) => all[variable] });
  };
  return { secrets, notes, folder, know };
}

const taskOf = (payloads: NewTask['payloads'], more: Partial<Spec> = {}): NewTask => ({
  spec: { name: 'n', recipe: 'r', ...more } as Spec,
  payloads,
  needs: ['OWN'],
  maxConcurrent: null,
  code: null,
  onConflict: 'parallel',
  parent: null,
  childKey: null,
});

test('a task that is handed a value needs a worker that has it; metadata alone needs none', (t) => {
  const { secrets, know } = secretsOf(t, { A: KEY, B: 'value-number-two' });
  know();
  const names = { name: `n ${KEY}`, session_id: `s ${KEY}`, idempotency_key: `i ${KEY}` };
  const input = JSON.stringify({ k: KEY });
  const task = secrets.conceal(taskOf({ input, config: '{}', metadata: '["value-number-two"]' }, names));
  assert.deepEqual(task.needs, ['OWN', 'A']);
  assert.deepEqual(task.payloads, { input: '{"k":"***"}', config: '{}', metadata: '["***"]' });
  assert.deepEqual(Object.keys(task.refs ?? {}), ['input', 'metadata']);
  const { name, session_id, idempotency_key } = task.spec;
  assert.match(`${name}, ${session_id}, ${idempotency_key}`, /^n (\*\*\*[0-9a-f]{6}), s \1, i \1$/);
  assert.deepEqual(secrets.handed(task), { input, config: '{}', metadata: '["value-number-two"]' });
});

test('what is handed to code is hidden from then on, also where it is not its own', (t) => {
  const given = secretsOf(t, { A: KEY });
  given.know();
  const { json, refs } = given.secrets.mask.json(JSON.stringify(KEY));
  given.know({}, []);
  const child = new Secrets({ recipe: 'child', folder: given.folder, note: () => {} });
  child.know({ secrets: [], valueOf: () => KEY });
  assert.equal(child.mask.text(KEY), KEY);
  assert.equal(child.whole(json, refs, 'the input'), JSON.stringify(KEY));
  assert.equal(child.mask.text(KEY), '***');
});

test('another value is noted by the name of its variable; none is an error that names it', (t) => {
  const { secrets, notes, folder, know } = secretsOf(t, { A: KEY });
  know();
  const { json, refs } = secrets.mask.json(JSON.stringify([KEY]));
  know({ A: 'the-value-of-today' });
  assert.equal(secrets.whole(json, refs, 'the input'), '["the-value-of-today"]');
  assert.deepEqual(notes, ['A has another value than when the input was stored; the new one was put in']);
  const other = new Secrets({ recipe: 'r', folder, note: () => {} });
  other.know({ secrets: [], valueOf: () => undefined });
  const message = "Recipe 'r' needs what is missing here: env A, of which the input has the value";
  assert.throws(() => other.whole(json, refs, 'the input'), { code: 'missing_dependency', message });
});

test('a run without values makes no key; one with values and a key that is not safe does not begin', (t) => {
  const { secrets, folder, know } = secretsOf(t, { A: KEY });
  secrets.know({ secrets: [], valueOf: () => undefined });
  assert.equal(existsSync(keyFile(folder)), false);
  know();
  chmodSync(keyFile(folder), 0o644);
  const later = new Secrets({ recipe: 'r', folder, note: () => {} });
  assert.throws(() => later.know({ secrets: [{ variable: 'A', value: KEY }], valueOf: () => KEY }), { code: 'store' });
});
