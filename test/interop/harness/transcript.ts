import { join } from 'node:path';
import { type HomeFile, homeFiles, rolloutLines } from './home-files.ts';
import { at } from './json.ts';
import { createMask, type Mask } from './mask.ts';
import { maskHeaders, maskRequestBody, maskUrl } from './mask-model-request.ts';
import { mergeOutputDeltas } from './output-deltas.ts';
import type { Theatre } from './stage.ts';
import type { Message } from './target.ts';

/** Everything a play showed to the outside, with what differs from run to run masked. */
export interface Transcript {
  /** What each request was answered, in their order; `none` for one that was not. */
  readonly replies: readonly unknown[];
  /** Questions of the server, in order. */
  readonly serverRequests: readonly unknown[];
  /** Notifications in order, by conversation; those of none under `server`. */
  readonly notifications: Readonly<Record<string, readonly unknown[]>>;
  readonly modelRequests: readonly unknown[];
  /** Lines by path. */
  readonly rollouts: Readonly<Record<string, readonly unknown[]>>;
  /** What lies in the home by path, apart from what is private to one implementation. */
  readonly files: Readonly<Record<string, string>>;
  readonly notes: unknown;
  /** Why the play ended early, when it did. */
  readonly failure?: string;
}

/** Reads the transcript of what has been played, before the target is stopped. */
export function transcriptOf(theatre: Theatre, failure?: unknown): Transcript {
  const mask = createMask(knownNames(theatre));
  const { home } = theatre.workplace;
  const files = homeFiles(home);
  const rollouts = files.filter(isRollout).map(({ path }) => path);
  return {
    replies: theatre.requests.map(({ method, reply = 'none' }) => ({
      method,
      reply: mask('noAnswer' in Object(reply) ? 'none' : reply),
    })),
    serverRequests: theatre
      .received()
      .filter(isServerRequest)
      .map(({ method, params }) => mask({ method, params })),
    notifications: notificationsOf(theatre.received(), mask),
    modelRequests: theatre.stage.model.requests.map(({ url, headers, body }) => ({
      url: maskUrl(url),
      headers: mask(maskHeaders(headers)),
      body: mask(maskRequestBody(body)),
    })),
    rollouts: Object.fromEntries(
      rollouts.map((path) => [mask(path), rolloutLines(join(home, path)).map((line) => mask(line))]),
    ),
    files: Object.fromEntries(files.map(({ path, kind }) => [mask(path), mask(kind)])),
    notes: mask(theatre.notes),
    ...(failure !== undefined && { failure: String(failure) }),
  };
}

const isServerRequest = ({ method, id }: Message) => method !== undefined && id !== undefined;
const isNotification = ({ method, id }: Message) => method !== undefined && id === undefined;

function isRollout({ path, kind }: HomeFile): boolean {
  return kind === 'file' && /rollout-[^/]*\.jsonl$/.test(path);
}

function notificationsOf(received: readonly Message[], mask: Mask): Record<string, unknown[]> {
  const groups: Record<string, unknown[]> = {};
  for (const [conversation, messages] of Map.groupBy(received.filter(isNotification), conversationOf)) {
    groups[mask(conversation)] = mergeOutputDeltas(messages).map(({ method, params }) =>
      mask({ method, params }),
    );
  }
  return groups;
}

function conversationOf({ params }: Message): string {
  const id = at(params, 'conversationId');
  return typeof id === 'string' ? id : 'server';
}

/** Values that the play itself brought forth, with the names they go by in the transcript. */
function knownNames({ workplace, stage, requests }: Theatre): Map<string, string> {
  const names = new Map<string, string>();
  const add = (value: unknown, kind: string) => {
    if (typeof value !== 'string' || names.has(value)) return;
    const count = [...names.values()].filter((name) => name.startsWith(`<${kind}`)).length;
    names.set(value, `<${kind} ${count + 1}>`);
  };
  for (const { reply } of requests) {
    add(at(reply, 'result', 'conversationId'), 'conversation');
    add(at(reply, 'result', 'subscriptionId'), 'subscription');
  }
  return names
    .set(workplace.home, '<home>')
    .set(workplace.cwd, '<cwd>')
    .set(workplace.root, '<root>')
    .set(`127.0.0.1:${stage.model.port}`, '<model server>');
}
