import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { locateHome } from '../daemon/home.ts';
import { OperatorError, systemErrorCode } from '../daemon/operator-error.ts';
import { writePrivateFile } from '../daemon/private-file.ts';
import { note, type OutputFlags, print } from './output.ts';
import { makeSignInLink } from './sign-in-link.ts';
import { ensureDaemon, type StartFlags } from './start-daemon.ts';

export interface OpenFlags extends OutputFlags, StartFlags {}

/** `codexd open`: shows the daemon's page in the browser of this desktop, signed in. */
export async function openPage(flags: OpenFlags): Promise<number> {
  const { folder } = await locateHome(process.env);
  await ensureDaemon(folder, process.env, flags);
  const link = await makeSignInLink(folder, process.env);
  await openInBrowser(await writeRedirect(folder, link));
  const { origin } = new URL(link);
  print(flags, { url: origin, opened: true }, `opened ${origin} in the browser`);
  note('If it says that the file cannot be read, use the address that this prints: codexd url --browser');
  return 0;
}

/** Other users can read the arguments of a process, so that the code must not be among them. */
async function writeRedirect(folder: string, link: string): Promise<string> {
  const path = join(folder, 'open.html');
  const html = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${link}"><title>codexd</title>\n`;
  await writePrivateFile(path, html);
  return pathToFileURL(path).href;
}

const OPENER = process.platform === 'darwin' ? 'open' : 'xdg-open';

async function openInBrowser(address: string): Promise<void> {
  const opener = spawn(OPENER, [address], { stdio: 'ignore', detached: true });
  try {
    await once(opener, 'spawn');
  } catch (error) {
    const reason =
      systemErrorCode(error) === 'ENOENT' ? `there is no ${OPENER} here` : (error as Error).message;
    throw new OperatorError(
      `Cannot open a browser: ${reason}. Use the address that this prints: codexd url --browser`,
    );
  }
  opener.unref();
}
