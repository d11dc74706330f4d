import { locateHome } from '../daemon/home.ts';
import { resolveAddress } from './connection.ts';
import { type OutputFlags, print } from './output.ts';
import { makeSignInLink } from './sign-in-link.ts';

export interface UrlFlags extends OutputFlags {
  readonly browser?: boolean;
}

/** `codexd url`: where the daemon listens; with `--browser`, as an address that signs a browser in. */
export async function printUrl(flags: UrlFlags): Promise<number> {
  const { folder } = await locateHome(process.env);
  const address = await resolveAddress(folder, process.env);
  const url = flags.browser ? await makeSignInLink(folder, process.env) : address.url;
  print(flags, { ...address, url }, url);
  return 0;
}
