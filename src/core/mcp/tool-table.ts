import type { Log } from '../log.ts';
import type { ToolSpec } from '../model/types.ts';
import type { LastingServer } from './lasting-server.ts';
import { UnsupportedSchemaError } from './schema.ts';
import type { ListedTool } from './tool-list.ts';
import { qualifiedName } from './tool-names.ts';
import { toToolSpec } from './tool-spec.ts';

/** Where the calls of a tool go. */
export interface Callee {
  readonly serverName: string;
  readonly tool: string;
  readonly server: LastingServer;
}

export interface ServerTools {
  readonly name: string;
  readonly server: LastingServer;
  readonly tools: readonly ListedTool[];
}

export interface ToolTable {
  /** Sorted by qualified name. */
  readonly specs: readonly ToolSpec[];
  /** By qualified name. Has those without a spec too: the model may know them from elsewhere. */
  readonly callees: ReadonlyMap<string, Callee>;
}

/** Of tools with the same qualified name the first one counts. */
export function toolTable(servers: readonly ServerTools[], log: Log): ToolTable {
  const callees = new Map<string, Callee>();
  const specs = new Map<string, ToolSpec>();
  for (const { name: serverName, server, tools } of servers) {
    for (const tool of tools) {
      const name = qualifiedName(serverName, tool.name);
      if (callees.has(name)) {
        log.warn({ tool: name }, 'a second MCP tool of this name is left out');
        continue;
      }
      callees.set(name, { serverName, tool: tool.name, server });
      const spec = specOrWarn(name, tool, log);
      if (spec) specs.set(name, spec);
    }
  }
  const sorted = [...specs.keys()].sort();
  return { callees, specs: sorted.flatMap((name) => specs.get(name) ?? []) };
}

function specOrWarn(name: string, tool: ListedTool, log: Log): ToolSpec | undefined {
  try {
    return toToolSpec(name, tool);
  } catch (error) {
    if (!(error instanceof UnsupportedSchemaError)) throw error;
    log.warn({ tool: name, reason: error.message }, 'the model is not told of an MCP tool');
    return undefined;
  }
}
