import { RpcError } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/registry.ts';
import type { Client } from '../../rpc/client.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import type { Hub } from '../../rpc/hub.ts';
import type { Services } from '../services.ts';

const DEFAULT_PROTOCOL_VERSION = '2025-03-26';

export function serverHandlers(
  services: Services,
): Pick<Handlers, 'initialize' | 'getUserAgent' | 'getServerInfo' | 'listClients'> {
  return {
    initialize({ protocolVersion, clientInfo }, { client }) {
      if (client.kind !== 'connection') {
        throw new RpcError('invalidRequest', 'initialize is for connections: use the WebSocket', {
          reason: 'needs_connection',
        });
      }
      if (client.initialized) {
        throw new RpcError('invalidRequest', 'initialize called more than once', {
          reason: 'already_initialized',
        });
      }
      client.initialized = true;
      if (clientInfo) client.info = { name: clientInfo.name, version: clientInfo.version };
      return {
        capabilities: { tools: { listChanged: true } },
        protocolVersion: protocolVersion ?? DEFAULT_PROTOCOL_VERSION,
        serverInfo: {
          name: 'codexd',
          title: 'codexd',
          version: services.version,
          user_agent: services.userAgent(client),
        },
      };
    },

    async getServerInfo(_params, { client }) {
      const { status } = await services.sandbox();
      return {
        name: 'codexd',
        version: services.version,
        userAgent: services.userAgent(client),
        protocolVersions: ['v1'],
        startedAt: services.startedAt.toISOString(),
        safeMode: services.safeMode,
        sandbox:
          status.kind === 'none'
            ? { kind: status.kind, reason: status.reason, remedy: status.remedy }
            : { kind: status.kind },
      };
    },

    listClients: () => ({
      items: services.hub.connected.map((client) => describeClient(client, services.hub)),
    }),

    getUserAgent: (_params, { client }) => ({ userAgent: services.userAgent(client) }),
  };
}

function describeClient(client: Client, hub: Hub): Result<'listClients'>['items'][number] {
  return {
    clientId: client.id,
    transport: client.transport === 'sse' ? 'sse' : 'websocket',
    connectedAt: client.connectedAt.toISOString(),
    ...(client.info && { name: client.info.name, version: client.info.version }),
    listensTo: hub.listensTo(client),
    queuedBytes: client.queuedBytes,
  };
}
