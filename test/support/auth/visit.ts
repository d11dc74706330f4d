import { type Answer, type Call, call } from '../http.ts';

/** The callback server, as a browser on this machine reaches it. */
const LOGIN_SERVER = 'http://127.0.0.1:1455';

export const visit = (path: string, options: Call = {}): Promise<Answer> =>
  call(`${LOGIN_SERVER}${path}`, options);

/** What the user does at the issuer: opens the page and presses the button. Gives the path that it leads back to. */
export async function signIn(authUrl: string): Promise<string> {
  const page = await (await fetch(authUrl)).text();
  const back = /href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const { pathname, search } = new URL(back);
  return pathname + search;
}
