import { locateHome } from '../../daemon/home.ts';
import { givenUrl, resolveAddress, resolveCredential } from '../connection.ts';
import { note } from '../output.ts';
import { ensureDaemon, type StartFlags } from '../start-daemon.ts';
import { bridge } from './bridge.ts';
import { openDaemonSocket } from './daemon-socket.ts';
import { watchParent } from './parent-watch.ts';
import { placed } from './working-directory.ts';

/**
 * `codexd stdio`: JSON-RPC on stdin and stdout for a program that spawns its server, served by the running daemon.
 *
 * @returns 0 when the program ended it, 1 when the daemon did
 * @throws {OperatorError} when there is no daemon to connect to
 */
export async function stdio(flags: StartFlags): Promise<number> {
  const orphaned = Promise.withResolvers<void>();
  const stopWatching = watchParent(orphaned.resolve);
  const { folder } = await locateHome(process.env);
  await ensureDaemon(folder, process.env, flags);
  const address = await resolveAddress(folder, process.env);
  const token = async () => (await resolveCredential(folder, process.env)).token;
  // Behind a given URL may be another machine, where the folders of this one mean nothing.
  const isHere = givenUrl(process.env) === undefined;
  const cwd = process.cwd();
  const failure = await bridge({
    input: process.stdin,
    output: process.stdout,
    socket: await openDaemonSocket(address, token),
    adapt: (message) => (isHere ? placed(message, cwd) : message),
    orphaned: orphaned.promise,
  });
  stopWatching();
  if (failure === undefined) return 0;
  note(`error: ${failure}`);
  return 1;
}
