import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { inputText } from './conversation.ts';
import type { Act, Operation } from './operation.ts';
import type { Place } from './stored-files.ts';

const CALLERS = 3;
const CONVERSATIONS = 3;

/** Where each conversation of a run is at the beginning. */
export const places: fc.Arbitrary<Place[]> = fc.array(fc.constantFrom<Place>('sessions', 'archived'), {
  minLength: 1,
  maxLength: CONVERSATIONS,
});

export const conversationIndex = fc.nat({ max: CONVERSATIONS - 1 });

const resume = fc.record({
  kind: fc.constant('resume' as const),
  file: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<Place>('sessions', 'archived') },
    { weight: 1, arbitrary: fc.constant('copy' as const) },
  ),
});
const archive = fc.record({
  kind: fc.constant('archive' as const),
  path: fc.constantFrom('own' as const, 'own' as const, 'own' as const, 'config' as const),
});
const unarchive = fc.record({
  kind: fc.constant('unarchive' as const),
  by: fc.constantFrom('id' as const, 'path' as const),
});
const say = (course: fc.Arbitrary<'end' | 'hold' | 'ask'>) =>
  fc.record({
    kind: fc.constant('say' as const),
    course,
    as: fc.constantFrom('message' as const, 'turn' as const),
  });
const unlisten = fc.record({ kind: fc.constant('unlisten' as const), listener: fc.nat({ max: 3 }) });
const answer = fc.record({
  kind: fc.constant('answer' as const),
  decision: fc.constantFrom('approved' as const, 'denied' as const, 'abort' as const),
});
const list = fc.record({ kind: fc.constant('list' as const), archived: fc.boolean() });
const plain = (kind: 'get' | 'interrupt' | 'listen' | 'release') => fc.constant({ kind } as const);

const act = (operation: fc.Arbitrary<Operation>): fc.Arbitrary<Act> =>
  fc.tuple(operation, fc.nat({ max: CALLERS - 1 })).map(([chosen, caller]) => {
    const course = chosen.kind === 'say' ? chosen.course : 'end';
    // Different for each act, whatever the seed: files and gates are told apart by it.
    return { operation: chosen, caller, text: inputText(course, randomUUID()) };
  });

/** For acts that follow each other. */
export const anyAct = act(
  fc.oneof(
    { weight: 6, arbitrary: resume },
    { weight: 3, arbitrary: archive },
    { weight: 3, arbitrary: unarchive },
    { weight: 4, arbitrary: say(fc.constant('end')) },
    { weight: 3, arbitrary: say(fc.constant('hold')) },
    { weight: 2, arbitrary: say(fc.constant('ask')) },
    { weight: 2, arbitrary: plain('release') },
    { weight: 2, arbitrary: plain('interrupt') },
    { weight: 3, arbitrary: answer },
    { weight: 2, arbitrary: plain('listen') },
    { weight: 2, arbitrary: unlisten },
    { weight: 1, arbitrary: list },
    { weight: 1, arbitrary: plain('get') },
  ),
);

/** For acts that meet each other. */
export const racingAct = act(
  fc.oneof(
    { weight: 4, arbitrary: resume },
    { weight: 3, arbitrary: archive },
    { weight: 3, arbitrary: unarchive },
    { weight: 4, arbitrary: say(fc.constant('end')) },
    { weight: 1, arbitrary: plain('interrupt') },
    { weight: 2, arbitrary: answer },
    { weight: 2, arbitrary: plain('listen') },
    { weight: 2, arbitrary: unlisten },
    { weight: 1, arbitrary: list },
    { weight: 1, arbitrary: plain('get') },
  ),
);

/** For what is going on when acts meet: nothing, or a turn that is held or asks. */
export const firstAct = act(fc.oneof(plain('get'), say(fc.constant('hold')), say(fc.constant('ask'))));
