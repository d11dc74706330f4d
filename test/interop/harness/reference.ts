import { spawn } from 'node:child_process';
import { childEnd } from './child-process.ts';
import { createConnection, handshake } from './connection.ts';
import type { Place, StartTarget, Target } from './target.ts';

/** The reference binary as a target. */
export function referenceAt(binary: string): StartTarget {
  return (place) => speakOverStdio([binary, 'mcp'], place, 'the reference');
}

/** A spawned program as a target: one JSON object per line on stdin and stdout (protocol-v1, section 1). */
export async function speakOverStdio(
  [program = '', ...args]: readonly string[],
  { cwd, env }: Place,
  name: string,
): Promise<Target> {
  const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const end = childEnd(child, name);
  child.stdin.on('error', () => undefined);
  const connection = createConnection((text) => child.stdin.write(`${text}\n`));
  child.stdout.setEncoding('utf8').on('data', lineSplitter(connection.receive));
  void end.reason.then(connection.close);
  const welcome = await handshake(connection);
  return {
    ...connection,
    welcome,
    async stop() {
      child.stdin.end();
      await end.within(1000);
    },
  };
}

function lineSplitter(take: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  };
}
