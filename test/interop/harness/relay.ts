import { readFile } from 'node:fs/promises';
import { textAnswer } from '../../../src/demo/responses.ts';
import { compare } from './compare.ts';
import { type Conversation, conversationOn } from './conversation.ts';
import type { ConfigChange, InteropCase, ScriptedAnswer } from './interop-case.ts';
import { at } from './json.ts';
import { reportOf } from './report.ts';
import { rolloutFaults } from './rollout-faults.ts';
import { readByReference } from './second-reading.ts';
import type { Stage } from './stage.ts';

/** What is done in each leg of a relay, so that each program does it in a conversation that it took over. */
export interface Chapter {
  readonly name: string;
  readonly config?: ConfigChange;
  readonly compare?: InteropCase['compare'];
  /** The model's answers in a leg. Ids of calls are to differ from leg to leg. */
  readonly answers: (leg: number) => readonly ScriptedAnswer[];
  readonly tell: (stage: Stage, conversation: Conversation, leg: number) => Promise<void>;
  /** Takes out of the input of a request what each program words for itself. */
  readonly outline?: (input: unknown) => unknown;
}

/** Several chapters as one, told one after the other with the settings of all. */
export function together(...chapters: readonly Chapter[]): Chapter {
  return {
    name: chapters.map(({ name }) => name).join(', '),
    config: Object.assign({}, ...chapters.map(({ config = {} }) => config)),
    answers: (leg) => chapters.flatMap(({ answers }) => answers(leg)),
    async tell(stage, conversation, leg) {
      for (const { tell } of chapters) await tell(stage, conversation, leg);
    },
  };
}

const LEGS = [1, 2, 3];

/**
 * A conversation that the target and the reference take from each other in turn, one begins and ends. Before each leg
 * the reference reads the same bytes as the one that goes on, and both are to make the same of it.
 */
export function relay(chapter: Chapter, begins: 'target' | 'reference'): InteropCase {
  return {
    name:
      begins === 'target'
        ? `${chapter.name} go from the target to the reference and back`
        : `${chapter.name} go from the reference to the target and back`,
    begins,
    ...(chapter.config && { config: chapter.config }),
    ...(chapter.compare && { compare: chapter.compare }),
    answers: LEGS.flatMap((leg) =>
      leg === 1 ? chapter.answers(leg) : [textAnswer(`leg ${leg} begins`), ...chapter.answers(leg)],
    ),
    play: (stage) => run(stage, chapter, begins),
  };
}

async function run(stage: Stage, chapter: Chapter, begins: 'target' | 'reference'): Promise<void> {
  const opened = await stage.newConversation();
  const { id, rolloutPath } = opened;
  await chapter.tell(stage, opened, 1);
  for (const leg of LEGS.slice(1)) {
    await stage.restart((leg === 2) === (begins === 'target') ? stage.startReference : undefined);
    const before = await readFile(rolloutPath);
    const resumed = await takeOver(stage, rolloutPath, leg, chapter.outline);
    stage.note(`leg ${leg}: the id is the same`, resumed.id === id);
    await chapter.tell(stage, resumed, leg);
    await stage.settled();
    stage.note(`leg ${leg}: faults of the file`, await rolloutFaults(stage.home, rolloutPath, before));
  }
}

async function takeOver(
  stage: Stage,
  path: string,
  leg: number,
  outline: Chapter['outline'] = (input) => input,
): Promise<Conversation> {
  const text = `leg ${leg}`;
  const expected = await readByReference(stage, path, text);
  const requests = stage.model.requests.length;
  const reply = await stage.request('resumeConversation', { path });
  const resumed = conversationOn(stage, String(at(reply, 'result', 'conversationId')), path);
  await resumed.listen();
  await resumed.say(text);
  const differences = compare(
    { messages: expected.messages, input: outline(expected.input) },
    {
      messages: at(reply, 'result', 'initialMessages'),
      input: outline(stage.model.requests[requests]?.body.input),
    },
  );
  stage.note(`leg ${leg}: read otherwise than by the reference`, reportOf(differences));
  return resumed;
}
