import { createPage } from './page.ts';
import { PAGE_STYLE } from './page-style.ts';

/**
 * Takes the code out of the address before anything else, so that neither the history nor a screenshot keeps it. The
 * way on is a navigation of the page itself and not a reload: only then does the browser add the cookie to it.
 */
const SCRIPT = `
function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  history.replaceState(null, '', location.pathname);
  return code;
}

const code = takeCode();
const form = document.querySelector('form');
const field = document.querySelector('#token');
const output = document.querySelector('output');
const proceed = () => location.replace(location.pathname);

function explain({ reason, detail }) {
  if (reason === 'bootstrap_invalid') return 'That link was used before or is too old. codexd open makes a new one.';
  return reason === 'credential_invalid' ? 'That is not the token.' : detail;
}

async function signIn(secret) {
  output.textContent = '';
  try {
    const answer = await fetch('/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-codexd-client': '1' },
      body: JSON.stringify(secret),
    });
    if (answer.ok) proceed();
    else output.textContent = explain(await answer.json());
  } catch {
    output.textContent = 'codexd does not answer. Is it running?';
  }
}

async function offerWayOn() {
  const answer = await fetch('/v1/user-agent').catch(() => undefined);
  if (answer && answer.ok) document.querySelector('#signed-in').hidden = false;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  signIn({ token: field.value.trim() });
});
addEventListener('hashchange', () => {
  const pasted = takeCode();
  if (pasted) signIn({ code: pasted });
});
if (code) signIn({ code });
else offerWayOn();
`;

const BODY = `
<h1>codexd</h1>
<p id="signed-in" hidden>You are signed in. <a href="">Go on</a></p>
<form>
<input value="codexd" autocomplete="username" hidden>
<label for="token">Token</label>
<input id="token" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button>
</form>
<p><code>codexd token</code> on this machine prints the token; <code>codexd open</code> signs a browser in without it.</p>
<output role="status"></output>
`;

/** What a browser without a credential gets: no data, no version, nothing from elsewhere (SEC-GATE-3). */
export const signInPage = createPage({ title: 'codexd', style: PAGE_STYLE, body: BODY, script: SCRIPT });
