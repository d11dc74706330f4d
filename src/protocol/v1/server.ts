import { z } from 'zod';
import { defineMethod } from '../method.ts';
import { ConversationId } from '../vocabulary/ids.ts';
import { examples } from './examples.ts';

export const initialize = defineMethod('initialize', {
  summary: 'Name the client; optional, at most once per connection.',
  params: z.object({
    protocolVersion: z.string().nullish().meta({ description: 'Comes back unchanged.' }),
    capabilities: z.looseObject({}).nullish(),
    clientInfo: z
      .object({ name: z.string(), version: z.string(), title: z.string().nullish() })
      .nullish()
      .meta({ description: 'Name and version become part of the user agent sent to the model provider.' }),
  }),
  result: z.object({
    capabilities: z.object({ tools: z.object({ listChanged: z.boolean() }) }),
    protocolVersion: z.string(),
    serverInfo: z.object({
      name: z.string(),
      title: z.string(),
      version: z.string(),
      user_agent: z.string(),
    }),
  }),
  // It names the client of a connection, and a REST request has none.
  rest: null,
  lane: { concurrent: 'touches its own connection only' },
  example: {
    params: { protocolVersion: '2025-03-26', clientInfo: { name: 'my-client', version: '1.0.0' } },
    result: {
      capabilities: { tools: { listChanged: true } },
      protocolVersion: '2025-03-26',
      serverInfo: { name: 'codexd', title: 'codexd', version: '0.1.0', user_agent: examples.userAgent },
    },
  },
});

export const getUserAgent = defineMethod('getUserAgent', {
  summary: 'The user agent that requests to the model provider carry.',
  params: z.object({}),
  result: z.object({ userAgent: z.string() }),
  rest: { verb: 'GET', path: '/v1/user-agent', status: 200 },
  lane: { concurrent: 'reads constants' },
  example: {
    params: {},
    result: { userAgent: examples.userAgent },
  },
});

export const getServerInfo = defineMethod('getServerInfo', {
  summary: 'What the daemon is, and what this machine lets it do.',
  params: z.object({}),
  result: z.object({
    name: z.string(),
    version: z.string(),
    userAgent: z.string(),
    protocolVersions: z.array(z.string()),
    startedAt: z.string(),
    safeMode: z
      .boolean()
      .meta({ description: 'Without MCP servers, because the daemon crashed again and again.' }),
    sandbox: z
      .object({
        kind: z.enum(['bubblewrap', 'sandbox-exec', 'none']),
        reason: z.string().optional(),
        remedy: z.string().optional(),
      })
      .meta({ description: 'What commands are confined with; for `none`, why, and what helps.' }),
  }),
  rest: { verb: 'GET', path: '/v1/server', status: 200 },
  lane: { concurrent: 'reads what was found out at the start' },
  example: {
    params: {},
    result: {
      name: 'codexd',
      version: '0.1.0',
      userAgent: examples.userAgent,
      protocolVersions: ['v1'],
      startedAt: examples.time,
      safeMode: false,
      sandbox: { kind: 'bubblewrap' },
    },
  },
});

const ConnectedClient = z
  .object({
    clientId: z.string(),
    transport: z.enum(['websocket', 'sse']),
    connectedAt: z.string(),
    name: z.string().optional().meta({ description: 'As the client called itself in `initialize`.' }),
    version: z.string().optional(),
    listensTo: z.array(ConversationId).meta({ description: 'The conversations whose events it gets.' }),
    queuedBytes: z.int().meta({ description: 'What waits for it to be read.' }),
  })
  .meta({ id: 'ConnectedClient' });

export const listClients = defineMethod('listClients', {
  summary: 'The connections that are open: WebSockets and event streams, the oldest first.',
  params: z.object({}),
  result: z.object({ items: z.array(ConnectedClient) }),
  rest: { verb: 'GET', path: '/v1/clients', status: 200 },
  lane: { concurrent: 'reads what is there' },
  example: {
    params: {},
    result: {
      items: [
        {
          clientId: examples.clientId,
          transport: 'websocket',
          connectedAt: examples.time,
          name: 'my-client',
          version: '1.0.0',
          listensTo: [examples.conversationId],
          queuedBytes: 0,
        },
      ],
    },
  },
});
