import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * An MCP server with one tool, which waits. It starts a program that leaves its group and is never told to end. With the
 * argument `stubborn` it does not want to end itself.
 */
if (process.argv[2] === 'stubborn') {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1000);
}
spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });

const TOOL = { name: 'wait', inputSchema: { type: 'object', properties: { ms: { type: 'number' } } } };

const say = (id: number, result: object): void => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const serverInfo = { name: 'tiny', version: '1' };
    say(id, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo });
  } else if (method === 'tools/list') say(id, { tools: [TOOL] });
  else if (method === 'tools/call') {
    setTimeout(() => say(id, { content: [{ type: 'text', text: 'waited' }] }), params.arguments.ms);
  }
});
