import { drop, hang, wait } from '../../../src/demo/answers.ts';
import {
  completed,
  created,
  failed,
  functionCall,
  itemDone,
  message,
  textAnswer,
  textDelta,
} from '../../../src/demo/responses.ts';
import type { ConfigChange, InteropCase, ScriptedAnswer } from '../harness/interop-case.ts';
import { addFile } from '../harness/patch-text.ts';

const retries = (request: number, stream: number, more: ConfigChange = {}): ConfigChange => ({
  model_providers: { scripted: { request_max_retries: request, stream_max_retries: stream, ...more } },
});

/** A turn for each list of failures, which are followed by an answer that is fine. */
function failureCase(
  name: string,
  turns: readonly (readonly ScriptedAnswer[])[],
  config = retries(1, 1),
): InteropCase {
  return {
    name,
    config,
    answers: turns.flatMap((failures, turn) => [...failures, textAnswer(`fine ${turn}`)]),
    async play(stage) {
      const conversation = await stage.newConversation();
      let expected = 0;
      for (const [turn, failures] of turns.entries()) {
        expected += failures.length + 1;
        await conversation.say(`try ${turn}`);
        if (stage.model.requests.length < expected) await conversation.say(`try ${turn} again`);
      }
    },
  };
}

const error = (status: number, body: unknown, headers = {}) => ({ status, body: { error: body }, headers });
const busy = error(429, { message: 'slow down', type: 'rate_limit' });
const broken = error(500, { message: 'oops' });
const refused = error(400, { message: 'Unsupported parameter', type: 'invalid_request_error' });
const noKey = error(401, { message: 'no key' });
const notFound = { status: 404, body: 'not here' };
const limit = (more: object) => error(429, { type: 'usage_limit_reached', message: 'limit', ...more });
const wentWrong = [created(), failed('server_error', 'It went wrong.')];

export const failures: readonly InteropCase[] = [
  failureCase('429 and 5xx are tried again in silence', [[busy], [broken], [error(503, {})]]),
  failureCase('429 and 5xx end the turn when all tries are used up', [
    [busy, busy, busy, busy],
    [broken, broken, broken, broken],
  ]),
  failureCase('other statuses end the turn when all tries are used up', [
    [noKey, noKey, noKey, noKey],
    [refused, refused],
    [notFound, notFound],
  ]),
  failureCase(
    'nothing is tried again when no tries are left',
    [[broken], [refused], [wentWrong]],
    retries(0, 0),
  ),
  failureCase('a delay that the provider asks for is kept', [[error(429, {}, { 'retry-after': '1' })]]),
  failureCase('a response that breaks off is tried again', [
    [[created(), textDelta('par'), drop()]],
    [drop()],
    [[created(), textDelta('par'), itemDone(message('part'))]],
    [
      [
        created(),
        itemDone(message('half')),
        {
          type: 'response.incomplete',
          response: { id: 'r', incomplete_details: { reason: 'max_output_tokens' } },
        },
      ],
    ],
  ]),
  failureCase(
    'a stream that stays silent is tried again',
    [[[created(), hang()]]],
    retries(1, 1, { stream_idle_timeout_ms: 600 }),
  ),
  failureCase('a failed response is tried again', [[wentWrong], [wentWrong, wentWrong]]),
  failureCase(
    'a failed response may say when to try again',
    [
      [
        [
          created(),
          failed('rate_limit_exceeded', 'Rate limit reached. Please try again in 0.3s. See the docs.'),
        ],
      ],
      [[created(), failed('rate_limit_exceeded', 'Rate limit reached. Please try again in 27ms.')]],
    ],
    retries(0, 1),
  ),
  {
    name: 'usage limits end the turn with words for each plan',
    config: retries(1, 1),
    answers: [
      limit({ plan_type: 'free', resets_in_seconds: 60 }),
      limit({ plan_type: 'plus', resets_in_seconds: 183_660 }),
      limit({ plan_type: 'team', resets_in_seconds: 3600 }),
      limit({ plan_type: 'business' }),
      limit({ plan_type: 'pro', resets_in_seconds: 59 }),
      limit({ plan_type: 'unheard of', resets_in_seconds: 60 }),
      limit({}),
      error(429, { type: 'usage_not_included', message: 'no' }),
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      for (let turn = 0; turn < 8; turn++) await conversation.say(`try ${turn}`);
    },
  },
  {
    name: 'a provider that is not there ends the turn',
    config: retries(1, 1, { base_url: 'http://127.0.0.1:9/v1' }),
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('anyone?');
    },
  },
  {
    name: 'errors that no new try can mend end the turn at once',
    config: retries(0, 2),
    answers: (_stage, { body }) => [
      created(),
      JSON.stringify(body.input.at(-1)).includes('long')
        ? failed('context_length_exceeded', 'Your input exceeds the context window.')
        : failed('insufficient_quota', 'You exceeded your quota.'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('long');
      stage.note('requests with too long an input', stage.model.requests.length);
      await conversation.say('poor');
      stage.note('requests in all', stage.model.requests.length);
    },
  },
  {
    name: 'a command that ran before its stream broke is known to the next try',
    config: retries(0, 1),
    answers: [
      (stage) => [
        created(),
        itemDone(functionCall('shell', { command: ['bash', '-c', 'echo run >> log; cat log'] })),
        wait(stage.gate('the command ran').opened),
        drop(),
      ],
      [created(), itemDone(message('done')), completed()],
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('run it');
      await conversation.event('exec_command_end');
      stage.gate('the command ran').open();
      await conversation.turnEnd();
      stage.note(
        'input of the next try',
        stage.model.requests[1]?.body.input.map(({ type }) => type).join(', '),
      );
    },
  },
  {
    name: 'everything that was done before a stream broke is known to the next try, in order',
    config: retries(0, 1),
    answers: [
      [
        created(),
        itemDone(message('on it')),
        itemDone(functionCall('apply_patch', { input: addFile('new.txt', '1') }, 'call_1')),
        itemDone(functionCall('update_plan', { plan: [] }, 'call_2')),
        itemDone(functionCall('shell', { command: ['cat', 'new.txt'] }, 'call_3')),
        failed('server_error', 'It went wrong.'),
      ],
      textAnswer('done'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('do it');
      stage.note(
        'input of the next try',
        stage.model.requests[1]?.body.input.map(({ type, call_id: id }) => id ?? type).join(', '),
      );
    },
  },
];
