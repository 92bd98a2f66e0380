/** What starts a worker when its user does, as systemd, launchd and cron want it written. Texts only. */

/** What has the worker run. */
export type ServiceKind = 'systemd' | 'launchd' | 'cron';

/** What is to be started, and where. */
export interface ServiceWorker {
  /** `offstage-` and 8 hex digits of the store. */
  name: string;
  /** The store's file. */
  store: string;
  /** The folder that it starts in: beside that of the store. */
  folder: string;
  /** The program and its arguments, absolute paths. */
  argv: readonly string[];
  /** Where launchd and cron write what it warns of. */
  log: string;
}

/** Files that hold it say so in this line; another one is not ours to replace. */
export const MARK = 'Written by `offstage service install`';

/** The text of a unit. */
export const unitOf = (kind: ServiceKind, worker: ServiceWorker): string => UNITS[kind](worker);

const UNITS: Record<ServiceKind, (worker: ServiceWorker) => string> = { systemd, launchd, cron };

/** `mixed`: SIGTERM goes to the worker alone, which drains; the default would send it to every recipe at the same moment. */
function systemd({ store, folder, argv }: ServiceWorker): string {
  return `# ${MARK}
[Unit]
Description=offstage worker of ${percents(store)}

[Service]
Type=exec
WorkingDirectory=${percents(folder)}
ExecStart=${argv.map(systemdWord).join(' ')}
EnvironmentFile=-%h/.config/offstage/env
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=30
SuccessExitStatus=143

[Install]
WantedBy=default.target
`;
}

/** `%` begins a specifier. */
const percents = (text: string): string => text.replaceAll('%', '%%');

/** A word of a command line: `$` begins a variable, and in quotes `\\` and `"` mean something. */
function systemdWord(word: string): string {
  const text = percents(word).replaceAll('$', '$$$$');
  return /^[\w%$@+=:,./-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function launchd({ name, folder, argv, log }: ServiceWorker): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${MARK} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${xml(name)}</string>
  <key>ProgramArguments</key>
  <array>
${argv.map((word) => `    <string>${xml(word)}</string>`).join('\n')}
  </array>
  <key>WorkingDirectory</key>
  <string>${xml(folder)}</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ExitTimeOut</key>
  <integer>30</integer>
  <key>StandardOutPath</key>
  <string>/dev/null</string>
  <key>StandardErrorPath</key>
  <string>${xml(log)}</string>
</dict>
</plist>
`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

const xml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

/** Cron starts it once a boot and never again, so a shell does. What stands behind `#` is what it is found by. */
function cron({ name, folder, argv, log }: ServiceWorker): string {
  const command = argv.map(shellWord).join(' ');
  const line = `cd ${shellWord(folder)} && while :; do ${command} >/dev/null 2>>${shellWord(log)}; sleep 2; done # ${name}`;
  return `# ${MARK} # ${name}\n@reboot ${line.replaceAll('%', '\\%')}\n`; // a bare % is a line end to cron
}

const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
