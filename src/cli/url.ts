import { locateHome } from '../daemon/home.ts';
import { resolveAddress } from './connection.ts';
import { type OutputFlags, print } from './output.ts';

/** `codexd url`: where the daemon listens. */
export async function printUrl(flags: OutputFlags): Promise<number> {
  const { folder } = await locateHome(process.env);
  const address = await resolveAddress(folder, process.env);
  print(flags, address, address.url);
  return 0;
}
