/** docs/TELEMETRY.md: its examples, with OpenTelemetry's own SDK in the project. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../../js/root.ts';
import { examplesOf } from '../examples.ts';
import { Project } from '../tarball.ts';
import { blocksOf } from './blocks.ts';
import { STRICT, TSC } from './folder.ts';

const EXAMPLES = examplesOf('docs/TELEMETRY.md');
const output = (name: string): string =>
  blocksOf('docs/TELEMETRY.md').find(({ mark, said }) => mark === 'output' && said === name)?.code ?? '';
let project: Project;

before(() => {
  project = new Project();
});
after(() => project?.remove());

const without = (lines: string): string => lines.replace(/ +$/gm, '');

test('there is no example beside those that are run here', () => {
  assert.deepEqual([...EXAMPLES.keys()].sort(), ['app', 'hooks']);
});

test('without the peer nothing but the entry itself needs it', () => {
  project.write('plain.mjs', "import { openBackground } from 'offstage';\nconsole.log(typeof openBackground);\n");
  assert.deepEqual(project.run(process.execPath, ['plain.mjs']), { code: 0, stdout: 'function\n', stderr: '' });
  project.write('spans.mjs', "await import('offstage/otel').catch((error) => console.log(error.message));\n");
  const { stdout } = project.run(process.execPath, ['spans.mjs']);
  assert.match(stdout, /Cannot find package '@opentelemetry\/api'/);
});

test('an app makes the spans that the page says', () => {
  mkdirSync(join(project.folder, 'node_modules'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry'), join(project.folder, 'node_modules/@opentelemetry'));
  project.write('app.ts', EXAMPLES.get('app') ?? '');
  const compiled = project.run(TSC, [...STRICT, '--skipLibCheck', 'app.ts']);
  assert.deepEqual([compiled.code, compiled.stdout], [0, '']);
  const { code, stdout, stderr } = project.run(process.execPath, ['app.js']);
  assert.deepEqual({ code, stdout: without(stdout), stderr }, { code: 0, stdout: output('app'), stderr: '' });
});

test('a detached worker makes spans by the module that the configuration names', () => {
  project.write('offstage.config.json', '{ "hooks": ["./offstage.hooks.mjs"] }');
  project.write('offstage.hooks.mjs', EXAMPLES.get('hooks') ?? '');
  project.write('tracing.mjs', TRACING);
  const { code, stdout, stderr } = project.run('offstage', ['background', 'submit', '--wait', '--', 'echo', '1']);
  assert.deepEqual([code, stdout], [0, '1\n'], stderr);
  const lines = project.run('sh', ['-c', 'until grep -q process spans.txt; do sleep 0.05; done; cat spans.txt']).stdout;
  assert.deepEqual(lines.trimEnd().split('\n'), ['send command', 'process command']);
});

/** Writes each span down, whichever process makes it. */
const TRACING = `import { appendFileSync } from 'node:fs';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

const exporter = {
  export: (spans, done) => {
    for (const { name } of spans) appendFileSync(new URL('./spans.txt', import.meta.url), name + '\\n');
    done({ code: 0 });
  },
  shutdown: async () => {},
};
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
`;
