import { type Client, createClient } from '../client/client.ts';
import { ConnectionError, RequestError } from '../client/errors.ts';
import { locateHome } from '../daemon/home.ts';
import { OperatorError } from '../daemon/operator-error.ts';
import { resolveAddress, resolveCredential } from './connection.ts';
import { ensureDaemon, type StartFlags } from './start-daemon.ts';
import { readVersion } from './version.ts';

/**
 * Works with the running daemon and parts from it again.
 *
 * @throws {OperatorError} when it cannot be reached, or refuses what the work asks of it
 */
export async function withClient<T>(flags: StartFlags, work: (client: Client) => Promise<T>): Promise<T> {
  const { folder } = await locateHome(process.env);
  await ensureDaemon(folder, process.env, flags);
  const locate = async () => {
    const { url } = await resolveAddress(folder, process.env);
    const { token } = await resolveCredential(folder, process.env);
    return { url, token };
  };
  try {
    using client = await createClient({ locate, clientInfo: { name: 'codexd', version: readVersion() } });
    return await work(client);
  } catch (error) {
    throw error instanceof ConnectionError || error instanceof RequestError
      ? new OperatorError(error.message, { cause: error })
      : error;
  }
}
