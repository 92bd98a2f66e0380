import assert from 'node:assert/strict';
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { test } from 'node:test';

/** In a process of its own: the core of that process is dead afterwards. */
const SCRIPT = `
import { BackgroundRunner } from ${JSON.stringify(import.meta.resolve('#offstage'))};
const runner = new BackgroundRunner();
const deep = () => { try { runner.submit(() => 1, { retries: 1 }); } catch {} deep(); };
try { deep(); } catch {}
const codes = [() => runner.summary(), () => runner.submit(() => 1), () => new BackgroundRunner()].map((call) => {
  try { call(); return 'fine'; } catch (error) { return error.code; }
});
process.stdout.write(JSON.stringify(codes), () => process.exit(0));
`;

test('a stack that ends inside the core leaves a runner that works, or one that says that it is dead', () => {
  const options: ExecFileSyncOptionsWithStringEncoding = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  let text: string;
  try {
    text = execFileSync(
      process.execPath,
      ['--input-type=module', '-e', `process.on('uncaughtException', () => {});${SCRIPT}`],
      options,
    );
  } catch (error) {
    assert.fail(`the process did not end by itself: ${String(error)}`);
  }
  const codes: string[] = JSON.parse(text);
  const [first] = codes;
  assert.ok(first === 'fine' || first === 'core_dead', text);
  assert.ok(
    codes.every((code) => code === 'fine' || code === 'core_dead'),
    text,
  );
});
