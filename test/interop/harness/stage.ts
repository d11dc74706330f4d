import { join } from 'node:path';
import { type ModelServer, startModelServer } from '../../../src/demo/model-server.ts';
import { configFile } from './config-file.ts';
import { type Conversation, conversationOn } from './conversation.ts';
import { createGates, type Gates } from './gates.ts';
import { homeSize } from './home-files.ts';
import type { InteropCase } from './interop-case.ts';
import { at } from './json.ts';
import { scriptedResponder } from './scripted-model.ts';
import { settle } from './settle.ts';
import type { Message, Reply, StartTarget, Target } from './target.ts';
import { createWorkplace, type Workplace } from './workplace.ts';

type Settings = Readonly<Record<string, unknown>>;

/** What a case plays on: a home, a working directory, a scripted model and a target of its own. */
export interface Stage extends Omit<Workplace, 'root' | 'remove'> {
  readonly model: ModelServer;
  readonly target: Target;
  /** Starts the reference, for cases in which it goes on with what the target left. */
  readonly startReference: StartTarget;
  /** A request whose answer belongs to the transcript. */
  request(method: string, params?: unknown, patience?: number): Promise<Reply>;
  /** A new conversation in `cwd`, listened to. */
  newConversation(settings?: Settings): Promise<Conversation>;
  /** The same, without a listener. */
  newSilentConversation(settings?: Settings): Promise<Conversation>;
  /** Resumes a rollout and listens to it. */
  resume(path: string, overrides?: Settings): Promise<Conversation>;
  /** The same, without a listener. */
  resumeSilently(path: string, overrides?: Settings): Promise<Conversation>;
  /** Ends the target and starts one on the same home: of the same kind, unless told. */
  restart(start?: StartTarget): Promise<void>;
  /** Adds a fact of the case's own to the transcript. */
  note(name: string, value: unknown): void;
  /** A named gate that both the model's answers and the case can reach. */
  readonly gate: Gates;
  /** Resolves when neither messages nor files have changed for a while. */
  settled(): Promise<void>;
}

/** One request of the case and what became of it. */
export interface PlayedRequest {
  readonly method: string;
  readonly reply?: Reply;
}

/** A stage with what has been played on it. */
export interface Theatre {
  readonly stage: Stage;
  readonly workplace: Workplace;
  readonly requests: readonly PlayedRequest[];
  readonly notes: Settings;
  /** Everything received, from all targets in turn. */
  received(): readonly Message[];
  close(): Promise<void>;
}

/** Builds the stage of a case and starts the target on it. */
export async function setStage(
  play: InteropCase,
  start: StartTarget,
  startReference: StartTarget,
): Promise<Theatre> {
  const workplace = await createWorkplace(play.env);
  const model = await startModelServer({ respond: (request) => respond(request) });
  const host = createHost(workplace, start);
  const requests: PlayedRequest[] = [];
  const notes: Record<string, unknown> = {};
  const stage = createStage({ workplace, model, host, startReference, requests, notes });
  const respond = scriptedResponder(play.answers ?? [], stage);

  async function close(): Promise<void> {
    await host.stop();
    await model.close();
    await workplace.remove();
  }

  try {
    const change = typeof play.config === 'function' ? play.config(stage) : (play.config ?? {});
    await workplace.writeFile(join(workplace.home, 'config.toml'), configFile(model.url, change));
    await host.start(play.begins === 'reference' ? startReference : undefined);
  } catch (error) {
    await close();
    throw error;
  }
  return { stage, workplace, requests, notes, received: host.received, close };
}

interface Props {
  readonly workplace: Workplace;
  readonly model: ModelServer;
  readonly host: Host;
  readonly startReference: StartTarget;
  readonly requests: PlayedRequest[];
  readonly notes: Record<string, unknown>;
}

function createStage({ workplace, model, host, startReference, requests, notes }: Props): Stage {
  const stage: Stage = {
    ...workplace,
    model,
    startReference,
    gate: createGates(),
    get target() {
      return host.target();
    },
    async request(method, params, patience) {
      const played: { method: string; reply?: Reply } = { method };
      requests.push(played);
      played.reply = await host.target().request(method, params, patience);
      return played.reply;
    },
    newSilentConversation: (settings) => openConversation(stage, settings),
    async newConversation(settings) {
      const conversation = await openConversation(stage, settings);
      await conversation.listen();
      return conversation;
    },
    resumeSilently: (path, overrides) => resumeConversation(stage, path, overrides),
    async resume(path, overrides) {
      const conversation = await resumeConversation(stage, path, overrides);
      await conversation.listen();
      return conversation;
    },
    async restart(next) {
      await stage.settled();
      await host.start(next);
    },
    note(name, value) {
      notes[name] = value;
    },
    settled: () => settle(() => `${host.received().length} ${homeSize(workplace.home)}`),
  };
  return stage;
}

/** The running target, and the messages of those before it. */
interface Host {
  target(): Target;
  received(): readonly Message[];
  /** Ends the target that runs and starts the next, the case's own unless told. */
  start(next?: StartTarget): Promise<void>;
  stop(): Promise<void>;
}

function createHost(workplace: Workplace, own: StartTarget): Host {
  const earlier: Message[] = [];
  let running: Target | undefined;

  async function stop(): Promise<void> {
    if (!running) return;
    const ending = running;
    running = undefined;
    earlier.push(...ending.messages);
    await ending.stop();
  }

  return {
    stop,
    target() {
      if (!running) throw new Error('no target is running');
      return running;
    },
    received: () => [...earlier, ...(running?.messages ?? [])],
    async start(next = own) {
      await stop();
      running = await next(workplace);
      running.onServerRequest(() => ({ decision: 'approved' }));
    },
  };
}

async function openConversation(stage: Stage, settings: Settings = {}): Promise<Conversation> {
  const reply = await stage.request('newConversation', { cwd: stage.cwd, ...settings });
  const { conversationId, rolloutPath } = Object(at(reply, 'result'));
  return conversationOn(stage, String(conversationId), String(rolloutPath));
}

async function resumeConversation(stage: Stage, path: string, overrides?: Settings): Promise<Conversation> {
  const reply = await stage.request('resumeConversation', { path, ...(overrides && { overrides }) });
  return conversationOn(stage, String(at(reply, 'result', 'conversationId')), path);
}
