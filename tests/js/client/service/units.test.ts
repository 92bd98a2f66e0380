/** The files of services: what systemd, launchd and the shell of cron read in them is what was meant. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ServiceWorker, unitOf } from '#offstage/client/service/units.js';

const NAME = 'offstage-0123abcd';

const workerIn = (folder: string): ServiceWorker => ({
  name: NAME,
  store: `${folder}/.offstage/tasks.db`,
  folder,
  argv: [process.execPath, `${folder}/offstage.cjs`, 'background', 'worker', '--store', `${folder}/.offstage/tasks.db`],
  log: `${folder}/.offstage/service.log`,
});

/** Every sign that one of them reads as something else. */
const STRANGE = `/srv/100% my "app" $HOME 'x' \\n & <b>; #`;

test('plain paths stand as they are', () => {
  const worker = { ...workerIn('/srv/app'), argv: ['/usr/bin/node', '/srv/app/offstage.cjs', 'background', 'worker'] };
  assert.equal(
    unitOf('systemd', worker),
    `# Written by \`offstage service install\`
[Unit]
Description=offstage worker of /srv/app/.offstage/tasks.db

[Service]
Type=exec
WorkingDirectory=/srv/app
ExecStart=/usr/bin/node /srv/app/offstage.cjs background worker
EnvironmentFile=-%h/.config/offstage/env
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=30
SuccessExitStatus=143

[Install]
WantedBy=default.target
`,
  );
  assert.equal(
    unitOf('cron', worker),
    `# Written by \`offstage service install\` # ${NAME}
@reboot cd /srv/app && while :; do /usr/bin/node /srv/app/offstage.cjs background worker >/dev/null 2>>/srv/app/.offstage/service.log; sleep 2; done # ${NAME}
`,
  );
});

test('in a unit of systemd percent, dollar, quotes and backslashes mean nothing', () => {
  const unit = unitOf('systemd', workerIn(STRANGE));
  assert.match(unit, /^WorkingDirectory=\/srv\/100%% my "app" \$HOME/m);
  const [, line = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  assert.deepEqual(wordsOf(line), workerIn(STRANGE).argv);
});

/** As systemd reads a command line: words, quoted or not, then specifiers and variables. */
function wordsOf(line: string): string[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? [];
  const plain = words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word));
  for (const word of plain) assert.doesNotMatch(word.replaceAll('%%', '').replaceAll('$$', ''), /[%$]/, word);
  return plain.map((word) => word.replaceAll('%%', '%').replaceAll('$$', '$'));
}

test('systemd itself has nothing to say of them', (t) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('this machine has no systemd-analyze');
  const folder = temporary(t);
  writeFileSync(join(folder, `${NAME}.service`), unitOf('systemd', { ...workerIn(folder), argv: [process.execPath] }));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(folder, `${NAME}.service`)], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr.split('\n').filter((text) => text.includes(NAME))], [0, []]);
});

test('the line of cron is run by a shell as it was meant', (t) => {
  const folder = join(temporary(t), `100% my 'app' $HOME & "x"; #`);
  spawnSync('mkdir', ['-p', join(folder, '.offstage')]);
  const script = join(folder, 'offstage.cjs');
  writeFileSync(script, 'console.error(JSON.stringify([process.cwd(), ...process.argv]));process.kill(process.ppid)');
  const worker = workerIn(folder);
  const line = unitOf('cron', worker).split('\n')[1] ?? '';
  assert.doesNotMatch(line, /(?<!\\)%/, 'cron ends a line at a bare %');
  const command = line.replace('@reboot ', '').replaceAll('\\%', '%');
  spawnSync('sh', ['-c', command], { timeout: 60_000 });
  const { stdout } = spawnSync('cat', [worker.log], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(stdout), [folder, ...worker.argv]);
});

test('an agent of launchd is XML, whatever its paths', () => {
  const text = unitOf('launchd', workerIn(STRANGE));
  const strings = [...text.matchAll(/<string>([^<]*)<\/string>/g)].map(([, inner = '']) => unescaped(inner));
  const { argv, folder, log } = workerIn(STRANGE);
  assert.deepEqual(strings, [NAME, ...argv, folder, '/dev/null', log]);
  assert.match(text, /<key>KeepAlive<\/key>\s*<true\/>/);
});

/** Reads a property list as its standard library does, by a whole XML parser. */
const PLISTLIB =
  'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read(), fmt=plistlib.FMT_XML)))';

test('a parser of property lists reads in it what was meant', (t) => {
  if (spawnSync('python3', ['--version']).status !== 0) return t.skip('this machine has no python3');
  for (const path of ['/srv/app', STRANGE, '/srv/with  two spaces ', '/srv/ünïcödé 日本 😀', '/srv/]]>-- &amp;']) {
    const worker = workerIn(path);
    const input = unitOf('launchd', worker);
    const { status, stdout, stderr } = spawnSync('python3', ['-c', PLISTLIB], { input, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      Label: NAME,
      ProgramArguments: worker.argv,
      WorkingDirectory: worker.folder,
      RunAtLoad: true,
      KeepAlive: true,
      ExitTimeOut: 30,
      StandardOutPath: '/dev/null',
      StandardErrorPath: worker.log,
    });
  }
});

const SIGNS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescaped = (text: string): string => text.replace(/&(\w+);/g, (_, name: string) => SIGNS[name] ?? '');

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-units-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
