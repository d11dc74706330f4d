import fc from 'fast-check';
import { anyAct, conversationIndex, firstAct, places, racingAct } from './arbitraries.ts';
import { createConversation, type RealConversation } from './conversation.ts';
import { finish } from './finish.ts';
import { type ConversationModel, initialModel } from './model.ts';
import { begin, race } from './races.ts';
import { command, type Models } from './sequential.ts';
import type { Place } from './stored-files.ts';
import type { World } from './world.ts';

const MAX_COMMANDS = 14;
const MAX_BATCHES = 4;

/** Random commands of several clients, one after another, each with the one result that the model has. */
export const followModel = (world: World) =>
  fc.asyncProperty(
    places,
    fc.commands([fc.tuple(conversationIndex, anyAct).map(([index, act]) => command(index, act))], {
      maxCommands: MAX_COMMANDS,
    }),
    async (start, commands) => {
      const reals = start.map((place) => createConversation(world, place));
      const model: Models = { conversations: start.map(initialModel) };
      await fc.asyncModelRun(() => ({ model, real: reals }), commands);
      await finishAll(reals, model.conversations);
    },
  );

const racer = fc.record({ act: racingAct, delay: fc.nat({ max: 3 }) });
const batch = fc.record({
  first: firstAct,
  racers: fc.array(racer, { minLength: 2, maxLength: 4 }),
});

/** Random commands of several clients at once, with results that some order of them explains. */
export const followRaces = (world: World) =>
  fc.asyncProperty(
    fc.constantFrom<Place>('sessions', 'archived'),
    fc.array(batch, { minLength: 1, maxLength: MAX_BATCHES }),
    async (place, batches) => {
      const conversation = createConversation(world, place);
      let model = initialModel(place);
      for (const { first, racers } of batches) {
        model = await begin(conversation, model, first);
        ({ model } = await race(conversation, model, racers));
      }
      await finish(conversation, model);
    },
  );

async function finishAll(
  conversations: readonly RealConversation[],
  models: readonly ConversationModel[],
): Promise<void> {
  for (const [at, conversation] of conversations.entries()) {
    const model = models[at];
    if (model) await finish(conversation, model);
  }
}
