/** One run of a coding agent: a program that prints what happens as lines of JSON. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AGENTS } from './agents.mjs';

/** Lines of stderr that an error tells. */
const TOLD = 5;

/** Answers with `{ text, session, cost }`; `cost` in US dollars, null where the agent does not say it. */
export default async function run(input, ctx) {
  const { program, argsOf, read } = AGENTS[input.agent];
  const found = { text: '', session: input.session ?? null, cost: null, error: undefined, begun: 0, counted: 0 };
  const child = spawn(program, argsOf(input), { cwd: input.folder, stdio: 'pipe' });
  const ended = endOf(child);
  const stop = () => child.kill('SIGTERM'); // what it has started goes with the group of this process
  ctx.signal.addEventListener('abort', stop, { once: true });
  child.stdin.on('error', () => {}); // it has ended without reading
  child.stdin.end(input.prompt);
  const errors = [];
  const heard = [
    eachLine(child.stdout, (line) => take(line, (event) => read(event, input), found, ctx)),
    eachLine(child.stderr, (line) => errors.push(line) && ctx.log(line)),
  ];
  const code = await ended;
  await Promise.all(heard);
  ctx.signal.throwIfAborted();
  if (found.counted < Math.max(found.begun, 1)) ctx.usage({ incomplete: true });
  if (found.error) throw new Error(`${program}: ${found.error}`);
  if (code !== 0) throw new Error(`${program}: exit code ${code}: ${errors.slice(-TOLD).join('\n')}`);
  const { text, session, cost } = found;
  return { text, session, cost };
}

/** Its exit code; rejects when it could not be started. */
const endOf = (child) =>
  new Promise((resolve, reject) => {
    child.on('error', (error) =>
      reject(error.code === 'ENOENT' ? new Error(`${child.spawnfile} is not installed`) : error),
    );
    child.on('close', (code, signal) => resolve(code ?? signal));
  });

async function eachLine(stream, take) {
  for await (const line of createInterface({ input: stream })) take(line);
}

/** What is no JSON is for people. */
function take(line, read, found, ctx) {
  let event;
  try {
    event = JSON.parse(line);
  } catch {
    return ctx.log(line);
  }
  const { text, session, usage, cost, error, result, begun, log } = read(event);
  if (text) {
    found.text = text;
    ctx.output(text);
  }
  if (result !== undefined) found.text = result;
  if (session) found.session = session;
  if (error !== undefined) found.error = error;
  if (log) ctx.log(log);
  if (begun) found.begun += 1;
  if (cost !== undefined) found.cost = (found.cost ?? 0) + cost;
  if (!usage) return;
  found.counted += 1;
  ctx.usage({ ...usage, ...(cost === undefined ? {} : { cost }) });
}
