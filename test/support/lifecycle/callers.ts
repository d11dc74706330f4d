import { registry } from '../../../src/protocol/registry.ts';
import type { DaemonProcess, SocketClient } from '../daemon-process.ts';
import { failed, type Outcome, succeeded } from './outcome.ts';

/** One client of a daemon, through one door. */
export interface Caller {
  readonly door: 'websocket' | 'rest' | 'in-process';
  call(method: string, params: Readonly<Record<string, unknown>>): Promise<Outcome>;
}

export const socketCaller = (socket: SocketClient): Caller => ({
  door: 'websocket',
  async call(method, params) {
    const { result, error } = await socket.call(method, params);
    if (!error) return succeeded(result ?? {});
    return failed({ code: error.code, reason: String(error.data?.reason), message: error.message });
  },
});

export const restCaller = (daemon: DaemonProcess): Caller => ({
  door: 'rest',
  async call(method, params) {
    const answer = await daemon.fetch(...requestOf(method, params));
    const body = (await answer.json()) as { code: number; reason: string; detail: string };
    if (answer.ok) return succeeded({ ...body }, answer.status);
    return failed({ code: body.code, reason: body.reason, message: body.detail }, answer.status);
  },
});

function requestOf(method: string, params: Readonly<Record<string, unknown>>): [string, RequestInit] {
  const binding = registry.get(method)?.rest;
  if (!binding) throw new Error(`${method} has no REST form`);
  const rest = { ...params };
  const route = binding.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  if (binding.verb === 'GET' || binding.verb === 'DELETE') {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(rest)) query.set(name, String(value));
    return [query.size > 0 ? `${route}?${query}` : route, { method: binding.verb }];
  }
  const headers = { 'content-type': 'application/json' };
  return [route, { method: binding.verb, headers, body: JSON.stringify(rest) }];
}
