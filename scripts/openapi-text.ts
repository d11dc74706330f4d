import pino from 'pino';
import { Hub } from '../src/rpc/hub.ts';
import { buildApp } from '../src/server/app.ts';

/** The document that a daemon of this version serves at `/openapi.json`, formatted for the repository. */
export async function openApiText(version: string): Promise<string> {
  const app = await buildApp({
    dispatcher: { call: unreachable, run: unreachable },
    hub: new Hub(),
    log: pino({ level: 'silent' }),
    token: 'unused',
    version,
    readiness: () => ({ ready: true, reasons: [] }),
  });
  await app.ready();
  const document = await app.openApi();
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}

function unreachable(): never {
  throw new Error('no method is called for the document');
}
