import { readFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

const PACKAGE = join(import.meta.dirname, '..', '..', 'package.json');
const BYTES_PER_GIB = 2 ** 30;

/** When, where and with what was measured, in one paragraph of Markdown. */
export async function describeMachine(): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(PACKAGE, 'utf8'));
  const processors = cpus();
  const memory = Math.round(totalmem() / BYTES_PER_GIB);
  return [
    `${new Date().toISOString().slice(0, 10)}, codexd ${version} on Node ${process.version},`,
    `${processors[0]?.model ?? arch()}, ${processors.length} cores, ${memory} GiB, ${type()} ${release()}.`,
    'Figures are medians of what clients in another process see: codexd over WebSocket with its token, 0.169.0 over',
    'WebSocket, 0.36.0 over stdio, and a bare Fastify server over WebSocket. A ratio below 1 means that codexd needs less,',
    'or, where things per second (/s) are counted, does less.',
  ].join('\n');
}
