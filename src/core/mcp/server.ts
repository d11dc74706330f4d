import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { McpServer } from '../config/types.ts';
import type { Host } from '../host.ts';
import type { Log } from '../log.ts';
import { untilAborted } from '../until-aborted.ts';
import { reasonOf, ServerDownError } from './failure.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { type ListedTool, readTools, ToolList } from './tool-list.ts';
import { ToolResult } from './tool-result.ts';
import { stdioTransport } from './transport.ts';

/** The longest that the SDK's timer can hold: requests are ended by their signals alone. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

export interface ServerOptions {
  readonly host: Host;
  /** Of the client, as servers are told it. */
  readonly version: string;
  readonly log: Log;
  /** Absolute. */
  readonly cwd: string;
}

/** A server that has been greeted and has told its tools. */
export interface RunningServer {
  readonly tools: readonly ListedTool[];
  /** How it ended, such as `the server exited with code 1`; `undefined` while it runs. */
  end(): string | undefined;
  /**
   * @param args left out of the request when `undefined`
   * @throws {ServerDownError} when the server ends instead; the reason of `signal` once that is aborted, of which the
   *   server is told; another error when the server answers with one or with something that is no result
   */
  callTool(tool: string, args: unknown, signal: AbortSignal): Promise<ToolResult>;
  /** Ends the server and every process of its group. Never fails. */
  close(): Promise<void>;
}

/**
 * Starts a server, greets it and asks for its tools, all within its start-up timeout (protocol-v1, section 13).
 * @throws {Error} with what the user is to be told
 */
export async function startServer(
  name: string,
  server: McpServer,
  options: ServerOptions,
): Promise<RunningServer> {
  const { host, version, log, cwd } = options;
  const deadline = AbortSignal.timeout(server.startupTimeoutMs);
  const child = await startServerProcess(server, host, cwd);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log.debug({ server: name, text }, 'an MCP server wrote to its standard error');
  });
  const client = createClient(version);
  client.onerror = ({ message }) =>
    log.debug({ server: name, message }, 'the connection to an MCP server had an error');
  try {
    const tools = await untilAborted(deadline, (signal) => greet(client, child, signal));
    return runningServer(client, child, readTools(tools, name, log));
  } catch (error) {
    const failure = new Error(startFailure(error, child, deadline), { cause: error });
    child.kill();
    throw failure;
  }
}

/** The capabilities are those of the reference; nobody is there to be asked, so every question is called off. */
function createClient(version: string): Client {
  const client = new Client(
    { name: 'codex-mcp-client', title: 'Codex', version },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'cancel' }));
  return client;
}

async function greet(client: Client, child: ServerProcess, signal: AbortSignal): Promise<ToolList> {
  const options = { signal, timeout: NO_TIMEOUT_MS };
  await client.connect(stdioTransport(child), options);
  return client.request({ method: 'tools/list' }, ToolList, options);
}

function startFailure(error: unknown, child: ServerProcess, deadline: AbortSignal): string {
  if (deadline.aborted) return 'request timed out';
  const end = child.end();
  if (end !== undefined) return end;
  if (error instanceof McpError) {
    const message = error.message.replace(`MCP error ${error.code}: `, '');
    return `server returned JSON-RPC error: code = ${error.code}, message = ${message}`;
  }
  return reasonOf(error);
}

function runningServer(client: Client, child: ServerProcess, tools: readonly ListedTool[]): RunningServer {
  return {
    tools,
    end: () => child.end(),
    async callTool(name, args, signal) {
      const params = { name, ...(args !== undefined && { arguments: args }) };
      try {
        return await untilAborted(signal, (ownSignal) => {
          const options = { signal: ownSignal, timeout: NO_TIMEOUT_MS };
          return client.request({ method: 'tools/call', params }, ToolResult, options);
        });
      } catch (error) {
        const end = child.end();
        throw end === undefined || signal.aborted ? error : new ServerDownError(end, { cause: error });
      }
    },
    close: () => client.close(),
  };
}
