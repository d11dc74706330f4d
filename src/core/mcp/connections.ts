import type { McpServer } from '../config/types.ts';
import type { ToolSpec } from '../model/types.ts';
import type { McpCallContext } from './call.ts';
import { reasonOf, ServerDownError } from './failure.ts';
import { keepServer } from './lasting-server.ts';
import type { RunningServer, ServerOptions } from './server.ts';
import { checkServerName } from './tool-names.ts';
import { type ServerTools, toolTable } from './tool-table.ts';

/** A server that did not start. `message` is what the user is told (protocol-v1, section 13). */
export interface McpFailure {
  readonly name: string;
  readonly message: string;
}

/** The MCP servers of one conversation. */
export interface McpConnections {
  /** Sorted by qualified name. */
  readonly specs: readonly ToolSpec[];
  /** Sorted by name. */
  readonly failures: readonly McpFailure[];
  /** Whether a server has the tool, by its qualified name; also when its schema kept it from the model. */
  has(name: string): boolean;
  /**
   * Runs one call and reports it by events. Returns what the model sees, also of a call that failed.
   * @throws {RangeError} for a name that `has` denies; the reason of the signal once that is aborted
   */
  call(name: string, argumentsText: string, context: McpCallContext): Promise<string>;
  /** Ends all servers with every process of theirs. Never fails. */
  close(): Promise<void>;
}

/**
 * Starts all servers side by side. One that fails stops none of the others, and delays them by no more than its own
 * start-up timeout. Never fails.
 */
export async function startMcpServers(
  servers: Readonly<Record<string, McpServer>>,
  options: ServerOptions,
): Promise<McpConnections> {
  const sorted = Object.entries(servers).sort(([a], [b]) => (a < b ? -1 : 1));
  const outcomes = await Promise.all(sorted.map(([name, server]) => startOne(name, server, options)));
  const started = outcomes.filter((outcome) => 'server' in outcome);
  const { specs, callees } = toolTable(started, options.log);
  const calls = started.length > 0 ? await import('./call.ts') : undefined;
  return {
    specs,
    failures: outcomes.filter((outcome) => 'message' in outcome),
    has: (name) => callees.has(name),
    async call(name, argumentsText, context) {
      const callee = callees.get(name);
      if (!callee || !calls) throw new RangeError(`there is no MCP tool ${name}`);
      return calls.runMcpCall(callee, argumentsText, context, options.log);
    },
    async close() {
      await Promise.all(started.map(({ server }) => server.close()));
    },
  };
}

async function startOne(
  name: string,
  settings: McpServer,
  options: ServerOptions,
): Promise<ServerTools | McpFailure> {
  const start = () => startOrExplain(name, settings, options);
  try {
    const first = await start();
    return { name, server: keepServer(first, start), tools: first.tools };
  } catch (error) {
    const message = reasonOf(error);
    options.log.warn({ server: name }, message);
    return { name, message };
  }
}

async function startOrExplain(
  name: string,
  settings: McpServer,
  options: ServerOptions,
): Promise<RunningServer> {
  try {
    checkServerName(name);
    // The SDK is large, and most conversations have no MCP servers.
    const { startServer } = await import('./server.ts');
    return await startServer(name, settings, options);
  } catch (error) {
    const message = `MCP client for \`${name}\` failed to start: ${reasonOf(error)}`;
    throw new ServerDownError(message, { cause: error });
  }
}
