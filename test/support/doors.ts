import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { Dispatcher, type Handlers } from '../../src/rpc/dispatcher.ts';
import { Hub } from '../../src/rpc/hub.ts';
import { createKeyring, type Keyring } from '../../src/server/access/keyring.ts';
import { type AppOptions, buildApp } from '../../src/server/app.ts';
import { type Listening, listen } from '../../src/server/listen.ts';
import { fakeHandlers } from './handlers.ts';

export const TOKEN = 'cdx_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
export const CONVERSATION = 'b7c1f0de-9a43-4c55-8d2e-3f60a1b2c3d4';

export interface Doors {
  readonly app: FastifyInstance;
  readonly hub: Hub;
  readonly keyring: Keyring;
  readonly url: string;
  readonly port: number;
  readonly listening: Listening;
  /** Log lines so far, parsed. */
  readonly log: Record<string, unknown>[];
}

export interface DoorsOptions extends Partial<AppOptions> {
  handlers?: Partial<Handlers>;
  socketPath?: string;
  port?: number;
}

/** The real HTTP surface on a free port, with handlers of the test; closed when the test is over. */
export async function openDoors(options: DoorsOptions = {}): Promise<Doors> {
  const doors = await startDoors(options);
  onTestFinished(() => doors.listening.close());
  return doors;
}

/** The same for several tests; whoever starts it closes it. */
export async function startDoors({
  handlers,
  socketPath,
  port = 0,
  ...options
}: DoorsOptions = {}): Promise<Doors> {
  const log: Record<string, unknown>[] = [];
  const hub = options.hub ?? new Hub();
  const keyring = options.keyring ?? createKeyring(TOKEN);
  const app = await buildApp({
    dispatcher: new Dispatcher(fakeHandlers(handlers)),
    hub,
    log: pino({ level: 'debug' }, { write: (line: string) => log.push(JSON.parse(line)) }),
    keyring,
    version: '9.9.9',
    readiness: () => ({ ready: true, reasons: [] }),
    grace: 200,
    ...options,
  });
  const listening = await listen(app, { host: '127.0.0.1', port, socketPath });
  const { url } = listening;
  return { app, hub, keyring, url, port: Number(new URL(url).port), listening, log };
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'codexd-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
