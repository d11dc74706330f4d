import { resolve } from 'node:path';

type Fields = Readonly<Record<string, unknown>>;

/** Methods with a `cwd` of their own that counts from the server's. */
const WITH_CWD: ReadonlySet<unknown> = new Set(['newConversation', 'execOneOffCommand', 'sendUserTurn']);

/**
 * A program that spawns its server expects it to work where it was spawned, but the daemon may run anywhere. So requests
 * that name no absolute folder are given this one; they mean the same to the daemon then.
 *
 * @returns the message itself when nothing in it depends on the place
 */
export function placed(message: unknown, cwd: string): unknown {
  if (Array.isArray(message)) return placedBatch(message, cwd);
  if (!isFields(message)) return message;
  const { method, params } = message;
  if (method === 'resumeConversation' && isFields(params)) {
    const { overrides } = params;
    const inner = placedParams(overrides ?? {}, cwd);
    return inner === overrides ? message : { ...message, params: { ...params, overrides: inner } };
  }
  if (!WITH_CWD.has(method)) return message;
  const inner = placedParams(params ?? {}, cwd);
  return inner === params ? message : { ...message, params: inner };
}

function placedBatch(batch: unknown[], cwd: string): unknown[] {
  const messages = batch.map((message) => placed(message, cwd));
  return messages.every((message, index) => message === batch[index]) ? batch : messages;
}

/** What is no object, or has a `cwd` of another kind, is left for the daemon to refuse. */
function placedParams(params: unknown, cwd: string): unknown {
  if (!isFields(params)) return params;
  const given = params.cwd ?? '';
  if (typeof given !== 'string') return params;
  const absolute = resolve(cwd, given);
  return absolute === given ? params : { ...params, cwd: absolute };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
