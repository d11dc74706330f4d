import type { ConfigChange } from './interop-case.ts';
import type { Stage } from './stage.ts';

/** What the server answers to a call of a tool: a `result`, an `error`, or nothing at all. */
export type ToolAnswer = object;

export interface ServerScript {
  readonly tools: readonly object[];
  /** By name of the tool; `$ARGUMENTS` stands for the arguments as JSON. */
  readonly calls: Readonly<Record<string, ToolAnswer>>;
}

/** An MCP server over stdio that writes what it is sent to the file named by MCP_JOURNAL. */
const PROGRAM = `
const { appendFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const script = JSON.parse(process.argv[1]);
const answers = {
  initialize: ({ protocolVersion }) =>
    ({ result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'scripted', version: '1' } } }),
  'tools/list': () => ({ result: { tools: script.tools } }),
  'tools/call': ({ name, arguments: args }) => {
    const text = JSON.stringify(script.calls[name] ?? {});
    return JSON.parse(text.replaceAll('$ARGUMENTS', () => JSON.stringify(JSON.stringify(args ?? null)).slice(1, -1)));
  },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(process.env.MCP_JOURNAL, line + '\\n');
  const { id, method, params } = JSON.parse(line);
  const answer = answers[method]?.(params) ?? {};
  if (id !== undefined && Object.keys(answer).length > 0) console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
});
`;

/** Where the server writes down what it was sent. */
export const journalOf = (stage: Stage): string => `${stage.cwd}/journal`;

/** The settings of a scripted server. */
export function scriptedServer(stage: Stage, script: ServerScript): ConfigChange {
  return {
    command: process.execPath,
    args: ['-e', PROGRAM, '--', JSON.stringify(script)],
    env: { MCP_JOURNAL: journalOf(stage), GIVEN: 'by the settings' },
  };
}
