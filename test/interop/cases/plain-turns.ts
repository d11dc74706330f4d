import { raw } from '../../../src/demo/answers.ts';
import {
  completed,
  created,
  itemAdded,
  itemDone,
  message,
  reasoning,
  reasoningSection,
  reasoningSummaryDelta,
  reasoningTextDelta,
  textAnswer,
  textDelta,
  textDeltas,
  webSearchCall,
} from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';

const reasoned = [
  created(),
  reasoningSection(0),
  reasoningSummaryDelta('**First** '),
  reasoningSummaryDelta('thought'),
  reasoningTextDelta('raw thought'),
  itemDone({
    ...reasoning('**First** thought'),
    content: [{ type: 'reasoning_text', text: 'raw thought' }],
  }),
  ...textDeltas('So it is.'),
  itemDone(message('So it is.')),
  completed(),
];

const twoParts = {
  ...message(''),
  content: [
    { type: 'output_text', text: 'one' },
    { type: 'output_text', text: 'two' },
  ],
};

export const plainTurns: readonly InteropCase[] = [
  {
    name: 'two plain turns carry the history on',
    answers: [
      textAnswer('Hello there, friend.', { input: 100, output: 20, cached: 60, reasoning: 5 }),
      textAnswer('Once more.', { input: 130, output: 4 }),
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('hi');
      await conversation.say('again');
    },
  },
  {
    name: 'reasoning is shown and carried on encrypted',
    answers: [reasoned, textAnswer('more')],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('why?');
      await conversation.say('and then?');
    },
  },
  {
    name: 'raw reasoning is shown when the settings ask for it',
    config: { show_raw_agent_reasoning: true },
    answers: [reasoned, textAnswer('more')],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('why?');
      await conversation.say('and then?');
    },
  },
  {
    name: 'what a response holds may be much, little or unheard of',
    answers: [
      [created(), itemDone(twoParts), itemDone(message('three', 'msg_2')), completed()],
      [created(), { type: 'response.completed', response: { id: 'resp_1' } }],
      [
        created(),
        itemDone(message('late')),
        { type: 'response.completed', response: { id: 'r', usage: null } },
      ],
      [
        raw(': a comment\n\n'),
        created(),
        { type: 'response.in_progress', response: {} },
        raw('event: response.output_text.delta\ndata: {not json\n\n'),
        itemAdded(message('')),
        itemDone({ type: 'hologram', id: 'h_1', payload: 1 }),
        textDelta('fine'),
        raw('data: {"type":"response.output_text.delta","delta":" too"}\r\n\r\n'),
        { type: 'response.output_text.done', text: 'fine too' },
        itemDone(message('fine too')),
        completed({ input: 7, output: 2 }),
      ],
      [created(), itemDone(message('not counted')), { type: 'response.completed', response: { id: 'r' } }],
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      for (const text of ['in parts', 'nothing', 'without deltas', 'noise', 'again'])
        await conversation.say(text);
    },
  },
  {
    name: 'a web search of the provider is announced and not replayed',
    config: { tools: { web_search: true } },
    answers: [
      [
        created(),
        itemAdded({ type: 'web_search_call', id: 'ws_1', status: 'in_progress' }),
        itemDone(webSearchCall('weather')),
        itemDone(message('sunny')),
        completed(),
      ],
      textAnswer('more'),
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('weather?');
      await conversation.say('tomorrow?');
    },
  },
  {
    name: 'two conversations run side by side',
    answers: (stage, { body }) => {
      const text = JSON.stringify(body.input.at(-1));
      const other = text.includes('left') ? 'right' : 'left';
      return (async function* () {
        yield created();
        yield textDelta('on my ');
        stage.gate(text.includes('left') ? 'left' : 'right').open();
        await stage.gate(other).opened;
        yield* textAnswer(text.includes('left') ? 'left side' : 'right side').slice(1);
      })();
    },
    async play(stage) {
      const left = await stage.newConversation();
      const right = await stage.newConversation();
      await left.send('go left');
      await stage.model.waitForRequests(1);
      await right.send('go right');
      await Promise.all([left.turnEnd(), right.turnEnd()]);
    },
  },
];
