import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { createParser } from 'eventsource-parser';
import { type Address, type Door, Gone, type Hearing, type Reply } from './door.ts';

type Params = Readonly<Record<string, unknown>>;

/** Verb and path of each method, with names of params that go into the path. */
const ROUTES: Readonly<Record<string, readonly [string, string]>> = {
  newConversation: ['POST', '/v1/conversations'],
  listConversations: ['GET', '/v1/conversations'],
  getConversation: ['GET', '/v1/conversations/{conversationId}'],
  resumeConversation: ['POST', '/v1/conversations/resume'],
  archiveConversation: ['POST', '/v1/conversations/{conversationId}/archive'],
  unarchiveConversation: ['POST', '/v1/conversations/{conversationId}/unarchive'],
  sendUserMessage: ['POST', '/v1/conversations/{conversationId}/messages'],
  interruptConversation: ['POST', '/v1/conversations/{conversationId}/interrupt'],
  addConversationListener: ['POST', '/v1/conversations/{conversationId}/listeners'],
  answerApproval: ['POST', '/v1/approvals/{approvalId}'],
};

/** REST, with server-sent events of the conversation itself or of a listener that was made for it. */
export function openRestDoor({ url, token }: Address, reads: 'conversation' | 'listener'): Door {
  const agent = new Agent({ keepAlive: true });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const streams = new Set<Promise<void>>();

  const open = (path: string, options: RequestOptions, body?: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = request(url + path, { headers, agent, ...options });
      outgoing.on('response', resolve).on('error', () => reject(new Gone()));
      outgoing.end(body);
    });

  const call: Door['call'] = async (method, params) => {
    const [verb, template] = ROUTES[method] ?? [];
    if (verb === undefined || template === undefined) throw new Error(`no route for ${method}`);
    const { path, rest } = fill(template, params);
    const query = verb === 'GET' ? `?${new URLSearchParams(rest as Record<string, string>)}` : '';
    const answer = await open(
      path + query,
      { method: verb },
      verb === 'GET' ? undefined : JSON.stringify(rest),
    );
    return toReply(answer);
  };

  const consent = async (hearing: Hearing, approvalId: unknown): Promise<void> => {
    const decision = await hearing.asked();
    // Somebody may have been quicker, the turn may be over, and the daemon gone.
    await call('answerApproval', { approvalId, decision }).catch(() => {});
  };

  const follow = async (path: string, hearing: Hearing): Promise<void> => {
    const stream = await open(path, { agent: false, headers: { ...headers, accept: 'text/event-stream' } });
    if (stream.statusCode !== 200) throw new Error(`${path}: ${stream.statusCode}`);
    const parser = createParser({
      onEvent({ event = '', data }) {
        const { id, msg, _meta } = JSON.parse(data);
        if (event.startsWith('codex/event/') && msg) hearing.heard(id, msg);
        else if (event.endsWith('Approval')) void consent(hearing, _meta.approvalId);
      },
    });
    stream.setEncoding('utf8').on('data', (chunk: string) => parser.feed(chunk));
    streams.add(
      once(stream, 'close').then(
        () => {},
        () => {},
      ),
    );
  };

  return {
    ordered: false,
    call,
    async listen(conversationId, after, hearing) {
      const query = after === undefined ? '' : `?afterEventId=${after}`;
      if (reads === 'conversation')
        return follow(`/v1/conversations/${conversationId}/events${query}`, hearing);
      const { result } = await call('addConversationListener', { conversationId, afterEventId: after });
      return follow(`/v1/listeners/${result?.subscriptionId}/events`, hearing);
    },
    async drained() {
      await Promise.all(streams);
    },
    close: () => agent.destroy(),
  };
}

function fill(template: string, params: Params): { path: string; rest: Params } {
  const inPath = new Set<string>();
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    inPath.add(name);
    return encodeURIComponent(String(params[name]));
  });
  return { path, rest: Object.fromEntries(Object.entries(params).filter(([name]) => !inPath.has(name))) };
}

async function toReply(answer: IncomingMessage): Promise<Reply> {
  const status = answer.statusCode ?? 0;
  const body = (await json(answer).catch(() => {
    throw new Gone();
  })) as Record<string, unknown>;
  if (status < 300) return { result: body };
  const { detail, reason, code } = body;
  return {
    error: { message: String(detail), reason: reason as string | undefined, code: Number(code), status },
  };
}
