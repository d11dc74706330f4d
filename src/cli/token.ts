import { locateHome } from '../daemon/home.ts';
import { resolveCredential } from './connection.ts';
import { note, type OutputFlags, print } from './output.ts';

/** `codexd token`: the bearer token and nothing else on stdout. */
export async function printToken(flags: OutputFlags): Promise<number> {
  const { folder } = await locateHome(process.env);
  const { token, tokenPath, running } = await resolveCredential(folder, process.env);
  if (!running) note('codexd is not running; this is the token that it will use.');
  print(flags, { token, tokenPath }, token);
  return 0;
}
