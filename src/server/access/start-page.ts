import { createPage } from './page.ts';
import { PAGE_STYLE } from './page-style.ts';

const SCRIPT = `
document.querySelector('button').addEventListener('click', async () => {
  await fetch('/v1/session', { method: 'DELETE', headers: { 'x-codexd-client': '1' } });
  location.replace('/');
});
`;

const BODY = `
<h1>codexd</h1>
<p>This browser is signed in.</p>
<p><a href="/docs">The methods</a>, also <a href="/openapi.json">for programs</a></p>
<button type="button">Sign out</button>
`;

/** What a browser gets that is signed in: a shell without data. */
export const startPage = createPage({ title: 'codexd', style: PAGE_STYLE, body: BODY, script: SCRIPT });
