import { styleText } from 'node:util';
import { locateHome } from '../../daemon/home.ts';
import { type OutputFlags, print } from '../output.ts';
import { checked, type Finding } from './finding.ts';
import { checkConfig, checkHome, checkNode, checkSandbox, readSettings } from './machine.ts';
import { checkDaemon, checkLogin, checkModel, checkPort, readLogin } from './running.ts';

const MARKS = { ok: ['green', 'ok'], warning: ['yellow', 'warning'], problem: ['red', 'problem'] } as const;

/** `codexd doctor`: looks at everything that codexd needs. Exit code 1 when there is a problem. */
export async function doctor(flags: OutputFlags): Promise<number> {
  const findings = await examine();
  const healthy = findings.every(({ state }) => state !== 'problem');
  print(flags, { healthy, findings }, findings.map(describe).join('\n'));
  return healthy ? 0 : 1;
}

async function examine(): Promise<Finding[]> {
  const home = locateHome(process.env);
  const settings = home.then(readSettings);
  const login = home.then(readLogin);
  // Each check that needs them reports what is wrong with them.
  settings.catch(() => {});
  login.catch(() => {});
  return Promise.all([
    checked('node', checkNode),
    checked('home', async () => checkHome(await home)),
    checked('config', () => checkConfig(settings)),
    checked('daemon', async () => checkDaemon(await home)),
    checked('port', async () => checkPort(await home)),
    checked('login', () => checkLogin(settings, login)),
    checked('sandbox', checkSandbox),
    checked('model', () => checkModel(settings, login)),
  ]);
}

function describe({ name, state, detail, remedy }: Finding): string {
  const [colour, word] = MARKS[state];
  const mark = styleText(colour, word.padEnd(8), { stream: process.stdout });
  const line = `${mark} ${name.padEnd(8)} ${detail}`;
  return remedy ? `${line}\n${' '.repeat(18)}${remedy}` : line;
}
