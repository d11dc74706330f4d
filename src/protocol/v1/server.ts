import { z } from 'zod';
import { defineMethod } from '../method.ts';

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
});

export const getUserAgent = defineMethod('getUserAgent', {
  summary: 'The user agent that requests to the model provider carry.',
  params: z.object({}),
  result: z.object({ userAgent: z.string() }),
  rest: { verb: 'GET', path: '/v1/user-agent', status: 200 },
  lane: { concurrent: 'reads constants' },
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
});
