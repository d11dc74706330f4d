import pino from 'pino';
import { Hub } from '../src/rpc/hub.ts';
import { createKeyring } from '../src/server/access/keyring.ts';
import { buildApp } from '../src/server/app.ts';
import { asyncApiDocument } from '../src/server/documents/asyncapi.ts';
import { openRpcDocument } from '../src/server/documents/openrpc.ts';

/** The documents that a daemon of this version serves, by file name, formatted for the repository. */
export async function documentTexts(version: string): Promise<Readonly<Record<string, string>>> {
  const documents = {
    'openapi.json': await openApiDocument(version),
    'openrpc.json': openRpcDocument(version),
    'asyncapi.json': asyncApiDocument(version),
  };
  return Object.fromEntries(
    Object.entries(documents).map(([name, document]) => [name, `${JSON.stringify(document, null, 2)}\n`]),
  );
}

async function openApiDocument(version: string): Promise<object> {
  const app = await buildApp({
    dispatcher: { call: unreachable, run: unreachable },
    hub: new Hub(),
    log: pino({ level: 'silent' }),
    keyring: createKeyring('unused'),
    version,
    readiness: () => ({ ready: true, reasons: [] }),
  });
  await app.ready();
  const document = await app.openApi();
  await app.close();
  return document;
}

function unreachable(): never {
  throw new Error('no method is called for the document');
}
