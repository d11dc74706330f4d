import type { Doors } from './doors.ts';
import { type Answer, call, post } from './http.ts';

/** What a script of the daemon's own page sends with a request that may change something. */
export const ownScript = ({ url }: Pick<Doors, 'url'>): Record<string, string> => ({
  origin: url,
  'x-codexd-client': '1',
});

export const signIn = (
  doors: Pick<Doors, 'url'>,
  secret: object,
  headers = ownScript(doors),
): Promise<Answer> => post(`${doors.url}/v1/session`, secret, headers);

/** The `Cookie` header that a browser would send after this answer. */
export function cookieOf({ headers }: Answer): { cookie: string } {
  const [setCookie = ''] = headers['set-cookie'] ?? [];
  return { cookie: setCookie.split(';')[0] ?? '' };
}

/** A browser that has redeemed a code. */
export async function signedIn(doors: Doors): Promise<{ cookie: string }> {
  return cookieOf(await signIn(doors, { code: doors.keyring.codes.mint() }));
}

export const signOut = (doors: Pick<Doors, 'url'>, cookie: { cookie: string }): Promise<Answer> =>
  call(`${doors.url}/v1/session`, { method: 'DELETE', headers: { ...cookie, ...ownScript(doors) } });
