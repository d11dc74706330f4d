import {
  callAnswer,
  customToolCall,
  functionCall,
  type OutputItem,
  textAnswer,
} from '../../../src/demo/responses.ts';
import { answerCalls, type ClientAnswer } from '../harness/answering.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { patchText } from '../harness/patch-text.ts';
import type { Stage } from '../harness/stage.ts';

export type Make = (callId: string) => OutputItem;

interface PatchCase {
  readonly name: string;
  readonly calls: readonly Make[];
  readonly config?: InteropCase['config'];
  readonly prepare?: (stage: Stage) => Promise<unknown>;
  readonly answers?: Readonly<Record<string, ClientAnswer>>;
}

/** The model makes one call after the other, in one response; then the working directory is looked at. */
export function patchCase({ name, calls, config, prepare, answers = {} }: PatchCase): InteropCase {
  return {
    name,
    answers: [callAnswer(...calls.map((make, index) => make(`call_${index}`))), textAnswer('done')],
    ...(config && { config }),
    async play(stage) {
      await prepare?.(stage);
      answerCalls(stage, answers);
      const conversation = await stage.newConversation();
      await conversation.say('patch it');
      stage.note('files', await stage.contents());
    },
  };
}

export const patch =
  (...lines: readonly string[]): Make =>
  (callId) =>
    functionCall('apply_patch', { input: patchText(...lines) }, callId);

export const shell =
  (command: readonly string[], more = {}): Make =>
  (callId) =>
    functionCall('shell', { command, ...more }, callId);

export const input =
  (text: string): Make =>
  (callId) =>
    functionCall('apply_patch', { input: text }, callId);

export const custom =
  (text: string): Make =>
  (callId) =>
    customToolCall('apply_patch', text, callId);

/** A file of four lines. */
export const four = '1\n2\n3\n4\n';
