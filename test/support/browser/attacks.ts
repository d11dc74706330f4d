/**
 * What a page may try against the daemon. Each is the body of an async function that runs in the page, with the daemon's
 * address as `target`, and what the page wants the daemon to run as `exec` and `rpc` (JSON texts). It gives what it could
 * read, or nothing.
 */
export type Attacks = Readonly<Record<string, string>>;

/** Ways of waiting for what a page gets to know of a request. */
export const PRELUDE = `
const within = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 3000))]);
const readable = async (request) => {
  try {
    const answer = await request;
    return answer.type === 'opaque' || answer.type === 'opaqueredirect' || answer.status >= 400 ? undefined : await answer.text();
  } catch {}
};
const send = (path, init) => readable(fetch(target + path, init));
const socket = (path, protocols) => within(new Promise((resolve) => {
  const it = new WebSocket(target.replace('http', 'ws') + path, protocols);
  it.onopen = () => { it.send(rpc); };
  it.onmessage = ({ data }) => resolve(data);
  it.onerror = it.onclose = () => resolve();
}));
const events = (path, init) => within(new Promise((resolve) => {
  const it = new EventSource(target + path, init);
  it.onopen = () => { it.close(); resolve('open'); };
  it.onerror = () => { it.close(); resolve(); };
}));
const element = (name, attributes, parent = document.body) => within(new Promise((resolve) => {
  const it = document.createElement(name);
  it.onload = () => resolve(it.width || it.naturalWidth ? 'loaded' : undefined);
  it.onerror = () => resolve();
  Object.assign(it, attributes);
  parent.append(it);
}));
const form = (path, attributes, fields) => within(new Promise((resolve) => {
  const frame = document.createElement('iframe');
  frame.name = 'f' + Math.random();
  document.body.append(frame);
  const it = document.createElement('form');
  Object.assign(it, { action: target + path, method: 'post', target: frame.name }, attributes);
  for (const [name, value] of fields) {
    const input = document.createElement('input');
    Object.assign(input, { name, value, type: 'hidden' });
    it.append(input);
  }
  document.body.append(it);
  frame.onload = () => { try { resolve(frame.contentDocument.body.textContent); } catch { resolve(); } };
  it.submit();
}));
const inFrame = (attributes, source) => within(new Promise((resolve) => {
  const frame = document.createElement('iframe');
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
  const page = '<script>(async () => { const target = ' + JSON.stringify(target) + '; const result = await (async () => {' + source +
    '})().catch(() => undefined); parent.postMessage({ result }, "*"); })()<' + '/script>';
  if ('srcdoc' in attributes) frame.srcdoc = page;
  else frame.src = 'data:text/html,' + encodeURIComponent(page);
  addEventListener('message', ({ data, source: from }) => { if (from === frame.contentWindow) resolve(data.result); });
  document.body.append(frame);
}));
`;

const JSON_TYPE = `'content-type': 'application/json'`;
const cookies = `credentials: 'include'`;

const fetches: Attacks = {
  'fetch GET': `return send('/v1/user-agent')`,
  'fetch GET with cookies': `return send('/v1/user-agent', { ${cookies} })`,
  'fetch GET no-cors': `return send('/v1/user-agent', { mode: 'no-cors', ${cookies} })`,
  'fetch GET same-origin mode': `return send('/v1/user-agent', { mode: 'same-origin', ${cookies} })`,
  'fetch GET of the documents': `return send('/openapi.json', { ${cookies} })`,
  'fetch HEAD': `return send('/v1/conversations', { method: 'HEAD', mode: 'no-cors', ${cookies} })`,
  'fetch GET of the event stream': `return send('/v1/events', { mode: 'no-cors', ${cookies} })`,
  'fetch GET with the token in the query': `return send('/v1/user-agent?token=guess', { mode: 'no-cors', ${cookies} })`,
  'fetch POST text/plain no-cors to /rpc': `return send('/rpc', { method: 'POST', mode: 'no-cors', ${cookies}, body: rpc })`,
  'fetch POST text/plain no-cors to /v1/exec': `return send('/v1/exec', { method: 'POST', mode: 'no-cors', ${cookies}, body: exec })`,
  'fetch POST text/plain cors to /rpc': `return send('/rpc', { method: 'POST', ${cookies}, body: rpc })`,
  'fetch POST with keepalive': `return send('/rpc', { method: 'POST', mode: 'no-cors', keepalive: true, ${cookies}, body: rpc })`,
  'fetch POST form fields no-cors': `return send('/v1/exec', { method: 'POST', mode: 'no-cors', ${cookies}, body: new URLSearchParams(JSON.parse(exec)) })`,
  'fetch POST multipart no-cors': `const data = new FormData(); data.append('json', exec); return send('/v1/exec', { method: 'POST', mode: 'no-cors', ${cookies}, body: data })`,
  'fetch POST bytes without a type': `return send('/rpc', { method: 'POST', mode: 'no-cors', ${cookies}, body: new TextEncoder().encode(rpc) })`,
  'fetch POST text/plain that mentions JSON': `return send('/rpc', { method: 'POST', mode: 'no-cors', ${cookies}, headers: { 'content-type': 'text/plain; application/json' }, body: rpc })`,
  'fetch POST application/json after a preflight': `return send('/rpc', { method: 'POST', ${cookies}, headers: { ${JSON_TYPE} }, body: rpc })`,
  'fetch POST with the header of our own page': `return send('/v1/exec', { method: 'POST', ${cookies}, headers: { ${JSON_TYPE}, 'x-codexd-client': '1' }, body: exec })`,
  'fetch POST with a guessed token': `return send('/v1/exec', { method: 'POST', headers: { ${JSON_TYPE}, authorization: 'Bearer guess' }, body: exec })`,
  'fetch POST of a new conversation': `return send('/v1/conversations', { method: 'POST', mode: 'no-cors', ${cookies}, body: '{}' })`,
  'fetch POST without a body': `return send('/v1/conversations', { method: 'POST', mode: 'no-cors', ${cookies} })`,
  'fetch POST of a sign-in': `return send('/v1/session', { method: 'POST', mode: 'no-cors', ${cookies}, body: '{"token":"guess"}' })`,
  'fetch POST for a sign-in code': `return send('/v1/session/codes', { method: 'POST', mode: 'no-cors', ${cookies} })`,
  'fetch DELETE of the session': `return send('/v1/session', { method: 'DELETE', ${cookies}, headers: { 'x-codexd-client': '1' } })`,
  'fetch PUT': `return send('/v1/config/default-model', { method: 'PUT', ${cookies}, headers: { ${JSON_TYPE} }, body: '{"model":"evil"}' })`,
  'fetch with a method that is none': `return send('/rpc', { method: 'X-EVIL', ${cookies}, body: rpc })`,
  'fetch that is redirected here with its body': `return readable(fetch('/redirect?to=' + encodeURIComponent(target + '/rpc'), { method: 'POST', mode: 'no-cors', ${cookies}, body: rpc }))`,
  XMLHttpRequest: `return within(new Promise((resolve) => { const it = new XMLHttpRequest(); it.withCredentials = true; it.onload = () => resolve(it.status < 400 ? it.responseText : undefined); it.onerror = () => resolve(); it.open('POST', target + '/rpc'); it.send(rpc); }))`,
};

const streams: Attacks = {
  'WebSocket to /rpc': `return socket('/rpc')`,
  'WebSocket to /': `return socket('/')`,
  'WebSocket with the sub-protocol': `return socket('/rpc', ['codexd.v1'])`,
  'WebSocket with a guessed token': `return socket('/rpc', ['codexd.v1', 'codexd.bearer.guess'])`,
  'WebSocket with the token in the query': `return socket('/rpc?token=guess')`,
  'EventSource of everything': `return events('/v1/events')`,
  'EventSource with cookies': `return events('/v1/events', { withCredentials: true })`,
  'EventSource of a conversation': `return events('/v1/conversations/b7c1f0de-9a43-4c55-8d2e-3f60a1b2c3d4/events', { withCredentials: true })`,
  'sendBeacon of a text': `navigator.sendBeacon(target + '/rpc', rpc)`,
  'sendBeacon of form fields': `navigator.sendBeacon(target + '/v1/exec', new URLSearchParams(JSON.parse(exec)))`,
  'sendBeacon of multipart': `const data = new FormData(); data.append('json', exec); navigator.sendBeacon(target + '/v1/exec', data)`,
  'sendBeacon of JSON': `navigator.sendBeacon(target + '/rpc', new Blob([rpc], { type: 'application/json' }))`,
  'sendBeacon of a blob without a type': `navigator.sendBeacon(target + '/rpc', new Blob([rpc]))`,
};

const documents: Attacks = {
  'form POST urlencoded': `return form('/v1/exec', {}, Object.entries(JSON.parse(exec)))`,
  'form POST multipart': `return form('/v1/exec', { enctype: 'multipart/form-data' }, [['json', exec]])`,
  'form POST text/plain that is JSON': `return form('/rpc', { enctype: 'text/plain' }, [[rpc.slice(0, -1) + ',"x":"', '"}']])`,
  'form GET': `return form('/v1/conversations', { method: 'get' }, [['pageSize', '1']])`,
  'form POST from a sandboxed frame': `return inFrame({ sandbox: 'allow-scripts allow-forms', srcdoc: '' }, "const it = document.createElement('form'); it.method = 'post'; it.action = target + '/v1/conversations'; document.documentElement.append(it); it.submit()")`,
  image: `return element('img', { src: target + '/v1/user-agent' })`,
  script: `window.codexd = undefined; const loaded = await element('script', { src: target + '/openapi.json' }); return window.codexd || loaded`,
  'module script': `return import(target + '/openapi.json').then(() => 'loaded', () => undefined)`,
  'style sheet': `return element('link', { rel: 'stylesheet', href: target + '/v1/user-agent' }, document.head)`,
  preload: `return element('link', { rel: 'preload', as: 'fetch', href: target + '/v1/user-agent' }, document.head).then(() => undefined)`,
  'iframe of the page': `const frame = document.createElement('iframe'); frame.src = target + '/'; return within(new Promise((resolve) => { frame.onload = () => { try { resolve(frame.contentDocument.body.textContent); } catch { resolve(); } }; document.body.append(frame); }))`,
  object: `return element('object', { data: target + '/v1/user-agent' })`,
  embed: `return element('embed', { src: target + '/v1/user-agent' })`,
  video: `return element('video', { src: target + '/v1/events' })`,
  font: `return new FontFace('evil', 'url(' + target + '/v1/user-agent)').load().then(() => 'loaded', () => undefined)`,
  'worker script': `return within(new Promise((resolve) => { const it = new Worker(URL.createObjectURL(new Blob(['try { importScripts(' + JSON.stringify(target + '/openapi.json') + '); postMessage("loaded") } catch { postMessage(undefined) }']))); it.onmessage = ({ data }) => resolve(data); }))`,
  'ping of a link': `const it = document.createElement('a'); it.href = '#'; it.ping = target + '/rpc'; document.body.append(it); it.click()`,
  'fetch from a sandboxed frame': `return inFrame({ sandbox: 'allow-scripts', srcdoc: '' }, "return (await fetch(target + '/v1/user-agent', { credentials: 'include' })).text()")`,
  'WebSocket from a sandboxed frame': `return inFrame({ sandbox: 'allow-scripts', srcdoc: '' }, "return new Promise((resolve) => { const it = new WebSocket(target.replace('http', 'ws') + '/rpc'); it.onopen = () => resolve('open'); it.onerror = () => resolve(); })")`,
  'fetch from a data: frame': `return inFrame({}, "return (await fetch(target + '/v1/user-agent', { credentials: 'include' })).text()")`,
  'navigation to what is no page': `const it = window.open(target + '/v1/conversations'); await new Promise((resolve) => setTimeout(resolve, 300)); try { return it.document.body.textContent || undefined; } catch {} finally { it?.close(); }`,
};

/** From a page of another origin. */
export const CROSS_ORIGIN: Attacks = { ...fetches, ...streams, ...documents };

/** From a page whose name the attacker has made to mean this machine: to the browser all of it is same-origin. */
export const REBOUND: Attacks = {
  'fetch GET': `return send('/v1/user-agent')`,
  'fetch GET of the page': `return send('/')`,
  'fetch GET of the health': `return send('/healthz')`,
  'fetch POST JSON': `return send('/rpc', { method: 'POST', headers: { ${JSON_TYPE} }, body: rpc })`,
  'fetch POST with the header of our own page': `return send('/v1/exec', { method: 'POST', headers: { ${JSON_TYPE}, 'x-codexd-client': '1' }, body: exec })`,
  'fetch POST of a sign-in': `return send('/v1/session', { method: 'POST', headers: { ${JSON_TYPE}, 'x-codexd-client': '1' }, body: '{"token":"guess"}' })`,
  'fetch DELETE of the session': `return send('/v1/session', { method: 'DELETE', headers: { 'x-codexd-client': '1' } })`,
  WebSocket: `return socket('/rpc')`,
  EventSource: `return events('/v1/events')`,
  sendBeacon: `navigator.sendBeacon(target + '/rpc', new Blob([rpc], { type: 'application/json' }))`,
  form: `return form('/v1/conversations', {}, [['a', 'b']]).then((text) => /host_not_allowed/.test(text) ? undefined : text)`,
  iframe: `const frame = document.createElement('iframe'); frame.src = target + '/v1/user-agent'; return within(new Promise((resolve) => { frame.onload = () => { const text = frame.contentDocument.body.textContent; resolve(/host_not_allowed/.test(text) ? undefined : text); }; document.body.append(frame); }))`,
  image: `return element('img', { src: target + '/v1/user-agent' })`,
};
