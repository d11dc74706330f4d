import { FIRST_REQUEST } from '../../protocol/first-request.ts';
import { registry } from '../../protocol/registry.ts';

/** What a language model needs to know to use the daemon, in the form of llmstxt.org. */
export function llmsText(version: string): string {
  const methods = [...registry.values()].map(({ name, summary, rest }) => {
    const form = rest === null ? 'WebSocket only' : `${rest.verb} ${rest.path}`;
    return `- ${name} (\`${form}\`): ${summary}`;
  });
  return `# codexd ${version}

> One local daemon for every Codex client on a machine: conversations, turns, approvals and credentials over REST, JSON-RPC 2.0 and
> server-sent events.

Every request carries the token: \`${FIRST_REQUEST}\`. Bodies are JSON. Errors are problem documents with a stable \`reason\`.
To run a turn: \`POST /v1/conversations\`, read \`GET /v1/conversations/{conversationId}/events\` as server-sent events,
\`POST /v1/conversations/{conversationId}/messages\` with \`{"items":[{"type":"text","data":{"text":"..."}}]}\`, and wait for the
event \`codex/event/task_complete\`. Questions for consent come as events with an \`approvalId\`, answered with
\`POST /v1/approvals/{approvalId}\`. Repeat a POST only with the same \`Idempotency-Key\`.

## Documents

- [OpenAPI](/openapi.json): every route, also as [YAML](/openapi.yaml)
- [OpenRPC](/openrpc.json): the same methods at \`/rpc\`, over HTTP and WebSocket
- [AsyncAPI](/asyncapi.json): every event
- [Pages for people](/docs)

## Methods

${methods.join('\n')}
`;
}
