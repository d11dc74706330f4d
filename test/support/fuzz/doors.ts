import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { MethodDef } from '../../../src/protocol/method.ts';
import { Problem } from '../../../src/server/problem.ts';
import type { Door } from '../load/crowd.ts';

/** One way to call a method with any value as its params. Resolves with what is wrong with the answer, if anything. */
export type Call = (def: MethodDef, params: unknown) => Promise<string | undefined>;

const PATIENCE_MS = 30_000;
const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

export const byRest =
  ({ url, token }: Door): Call =>
  async (def, params) => {
    if (!def.rest) return undefined;
    const { verb, path } = def.rest;
    const left = new Map(Object.entries(asObject(params)));
    const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = inUrl(left.get(name));
      left.delete(name);
      return value || 'none';
    });
    const hasBody = verb === 'POST' || verb === 'PUT';
    const query = hasBody
      ? ''
      : `?${[...left].map(([name, value]) => `${inUrl(name)}=${inUrl(value)}`).join('&')}`;
    const body = Object.keys(asObject(params)).length > 0 ? Object.fromEntries(left) : params;
    const answer = await fetch((url + address + query).slice(0, 8_000), {
      method: verb,
      headers: { authorization: `Bearer ${token}`, ...(hasBody && { 'content-type': 'application/json' }) },
      ...(hasBody && { body: JSON.stringify(body) ?? '' }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return restFault(def, answer.status, await answer.text());
  };

function inUrl(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(text.toWellFormed());
}

function restFault(def: MethodDef, status: number, text: string): string | undefined {
  if (status >= 200 && status < 300) {
    return def.result.safeParse(JSON.parse(text)).success ? undefined : `a result of another shape: ${text}`;
  }
  const problem = Problem.safeParse(JSON.parse(text));
  if (!problem.success) return `no problem document: ${text}`;
  return isExpected(problem.data) ? undefined : `${status} ${text}`;
}

/**
 * The reference calls it internal when a program cannot be started or a file cannot be read, and so do we; such errors have
 * a reason of their own. What nobody foresaw has none.
 */
const isExpected = ({ code, reason }: { code: number; reason?: unknown }): boolean =>
  code !== -32603 || (typeof reason === 'string' && reason !== 'internal');

function rpcFault(def: MethodDef, answer: Record<string, unknown>): string | undefined {
  const { error, result } = answer;
  if ((error === undefined) === (result === undefined)) return `no answer: ${JSON.stringify(answer)}`;
  if (error === undefined) {
    return def.result.safeParse(result).success
      ? undefined
      : `a result of another shape: ${JSON.stringify(result)}`;
  }
  const { code, message, data } = asObject(error);
  if (!Number.isInteger(code) || typeof message !== 'string') return `no error: ${JSON.stringify(error)}`;
  const isFine = isExpected({ code: Number(code), reason: asObject(data).reason });
  return isFine ? undefined : JSON.stringify(error);
}

export async function postText(
  { url, token }: Door,
  body: string,
): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}/rpc`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return { status: answer.status, text: await answer.text() };
}

export const byPost =
  (door: Door): Call =>
  async (def, params) => {
    const { status, text } = await postText(
      door,
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: def.name, params }),
    );
    const answer = JSON.parse(text);
    if (status === 200 && answer.id === 1) return rpcFault(def, answer);
    // What JSON cannot hold safely is refused before it is known what was asked.
    return answer.error && answer.id === null ? undefined : `${status} ${text}`;
  };

export interface FuzzedSocket {
  readonly call: Call;
  /** Sends a text as it is, and then asks for something simple to see that the daemon still answers. */
  survives(text: string): Promise<string | undefined>;
  close(): void;
}

export async function openFuzzedSocket({ url, token }: Door): Promise<FuzzedSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await once(socket, 'open');
  const answers = new Map<unknown, (answer: Record<string, unknown>) => void>();
  let lastId = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString());
    for (const each of Array.isArray(message) ? message : [message]) {
      if (each.method === undefined) answers.get(each.id)?.(each);
    }
  });

  async function ask(method: string, params: unknown): Promise<Record<string, unknown>> {
    lastId += 1;
    const id = `call-${lastId}`;
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), PATIENCE_MS);
    answers.set(id, resolve);
    // An answer without an id belongs to what could not be read.
    answers.set(null, resolve);
    socket.send(JSON.stringify({ id, method, params }));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      answers.delete(id);
    }
  }

  // Only a first message has to be short.
  await ask('getUserAgent', undefined);
  return {
    async call(def, params) {
      const answer = await ask(def.name, params);
      return answer.id === null ? undefined : rpcFault(def, answer);
    },
    async survives(text) {
      answers.delete(null);
      socket.send(text);
      lastId += 1;
      const id = `probe-${lastId}`;
      const answered = new Promise<Record<string, unknown>>((resolve) => answers.set(id, resolve));
      socket.send(JSON.stringify({ id, method: 'getUserAgent' }));
      const closed = once(socket, 'close').then(([code]) => ({ error: `closed with ${code}` }));
      const { error } = await Promise.race([answered, closed]);
      return error === undefined ? undefined : JSON.stringify(error);
    },
    close: () => socket.terminate(),
  };
}
