import { notifications, serverRequests } from '../../protocol/messages.ts';
import { collectSchemas, type JsonSchema, type SchemaCollection } from './schemas.ts';

const DESCRIPTION = `What the daemon sends unasked. On the WebSocket a message is a JSON-RPC notification, or for the approvals a
request; as a server-sent event it has the method as \`event\`, the params as \`data\`, and as \`id\` the event id, which
the WebSocket has in \`params._meta.eventId\`. The methods that clients call are in \`/openrpc.json\`.`;

const STREAMS = {
  everything: { address: '/v1/events', summary: 'Every event of every conversation, from now on.' },
  conversation: {
    address: '/v1/conversations/{conversationId}/events',
    summary: 'The events of one conversation, from `Last-Event-ID` on.',
  },
  listener: {
    address: '/v1/listeners/{subscriptionId}/events',
    summary: 'The events of a listener that was made by REST.',
  },
};

/** The streams for machines: AsyncAPI 3.0. Depends on the registry and the version alone. */
export function asyncApiDocument(version: string) {
  const schemas = collectSchemas();
  const sent = [...notifications, ...serverRequests];
  const names = sent.map(({ method }) => nameOf(method));
  const messages = Object.fromEntries(sent.map((def) => [nameOf(def.method), describeMessage(def, schemas)]));
  return {
    asyncapi: '3.0.0',
    info: { title: 'codexd', version, description: DESCRIPTION, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    servers: {
      webSocket: { host: '127.0.0.1:4517', protocol: 'ws' },
      events: { host: '127.0.0.1:4517', protocol: 'http' },
    },
    channels: {
      rpc: channel('webSocket', { address: '/rpc', summary: 'JSON-RPC 2.0.' }, names),
      ...Object.fromEntries(
        Object.entries(STREAMS).map(([name, at]) => [name, channel('events', at, names)]),
      ),
    },
    operations: Object.fromEntries(
      ['rpc', ...Object.keys(STREAMS)].map((name) => [`${name}Events`, operation(name)]),
    ),
    components: { messages, schemas: schemas.named },
  };
}

interface Sent {
  readonly method: string;
  readonly summary: string;
  readonly params: Parameters<SchemaCollection['describe']>[0];
}

/** Names of components have no slashes. */
const nameOf = (method: string): string => method.replaceAll('/', '.');

function describeMessage({ method, summary, params }: Sent, schemas: SchemaCollection) {
  const payload: JsonSchema = schemas.describe(params, 'output');
  return { name: method, title: method, summary, payload };
}

function channel(
  server: string,
  { address, summary }: { address: string; summary: string },
  names: string[],
) {
  const parameters = [...address.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
  return {
    address,
    summary,
    servers: [{ $ref: `#/servers/${server}` }],
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    ...(parameters.length > 0 && {
      parameters: Object.fromEntries(parameters.map((name) => [name, { description: 'A UUID.' }])),
    }),
  };
}

/** AsyncAPI speaks from the side of the application, which is the daemon. */
const operation = (name: string) => ({ action: 'send', channel: { $ref: `#/channels/${name}` } });
