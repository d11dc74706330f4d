import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AttackerSite extends AsyncDisposable {
  readonly port: number;
}

/** Another program's web server on this machine: an empty page, and redirects to wherever is asked for. */
export async function startAttackerSite(): Promise<AttackerSite> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://attacker.example');
    request.resume();
    if (pathname === '/redirect') response.writeHead(307, { location: searchParams.get('to') ?? '/' }).end();
    else
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title><body></body>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
