import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { type ModelServer, startModelServer } from '../../../src/demo/model-server.ts';
import { textAnswer } from '../../../src/demo/responses.ts';
import { PRIVATE_FOLDERS } from './home-files.ts';
import { at } from './json.ts';
import type { Stage } from './stage.ts';
import type { Target } from './target.ts';

/** What a program makes of a stored conversation. */
export interface Reading {
  /** What it shows to the client that resumes. */
  readonly messages: unknown;
  /** What it sends to the model with the next message. */
  readonly input: unknown;
}

/** What the reference makes of a conversation as it is stored now. It works on a copy of the home, with another model. */
export async function readByReference(stage: Stage, rolloutPath: string, text: string): Promise<Reading> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'codexd-interop-copy-')));
  const home = join(root, 'home');
  const model = await startModelServer({ respond: () => textAnswer('noted') });
  try {
    await copyHome(stage, home, model);
    const reference = await stage.startReference({
      home,
      cwd: stage.cwd,
      env: { ...stage.env, CODEX_HOME: home },
    });
    try {
      return await read(reference, model, join(home, relative(stage.home, rolloutPath)), text);
    } finally {
      await reference.stop();
    }
  } finally {
    await model.close();
    await rm(root, { recursive: true, force: true });
  }
}

async function copyHome(stage: Stage, home: string, model: ModelServer): Promise<void> {
  await cp(stage.home, home, { recursive: true, filter: (path) => !PRIVATE_FOLDERS.has(basename(path)) });
  const config = await readFile(join(stage.home, 'config.toml'), 'utf8');
  await writeFile(join(home, 'config.toml'), config.replaceAll(stage.model.url, model.url));
}

async function read(target: Target, model: ModelServer, path: string, text: string): Promise<Reading> {
  const resumed = await target.request('resumeConversation', { path });
  const conversationId = at(resumed, 'result', 'conversationId');
  await target.request('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text } }] });
  const { body } = await model.nextRequest();
  return { messages: at(resumed, 'result', 'initialMessages'), input: body.input };
}
