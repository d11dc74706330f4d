import { readFileSync } from 'node:fs';
import { textAnswer } from '../../../src/demo/responses.ts';
import { chatGptFile, DAY_MS, drawTokens, jwt, X } from '../../support/auth/tokens.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import type { Stage } from '../harness/stage.ts';

const answers = () => textAnswer('ok');
const config = { model_providers: { scripted: { requires_openai_auth: true } } };

const tokens = drawTokens(X);
const chatgpt = chatGptFile(X, tokens, DAY_MS);

/** Contents of `auth.json`, by what is the matter with them. */
const FILES: Readonly<Record<string, object | string>> = {
  'an API key': { OPENAI_API_KEY: 'sk-file' },
  tokens: chatgpt,
  'a key and tokens': { ...chatgpt, OPENAI_API_KEY: 'sk-both' },
  'tokens without an account': { ...chatgpt, tokens: tokens },
  'tokens of nobody': { ...chatgpt, tokens: { ...tokens, id_token: jwt({}) } },
  'tokens that were never dated': { ...chatgpt, last_refresh: null },
  'an id token that is none': { ...chatgpt, tokens: { ...tokens, id_token: 'x' } },
  'half a file': '{"OPENAI_API_KEY": "sk',
  nothing: {},
};

/** Without the notifications: codexd may notice the file before the restart, and tells its clients (section 22.1, point 19). */
const compare = ['replies', 'modelRequests', 'rollouts', 'files', 'notes', 'failure'] as const;

async function lookAtLogin(stage: Stage): Promise<void> {
  await stage.request('getAuthStatus', {});
  await stage.request('getAuthStatus', { includeToken: true });
  await stage.request('userInfo', {});
}

function storedLogin(stage: Stage): unknown {
  try {
    return JSON.parse(readFileSync(`${stage.home}/auth.json`, 'utf8'));
  } catch {
    return 'no file';
  }
}

export const logins: readonly InteropCase[] = [
  ...Object.entries(FILES).map(
    ([name, content]): InteropCase => ({
      name: `a login from a file with ${name}`,
      answers,
      config,
      compare,
      async play(stage) {
        const text = typeof content === 'string' ? content : JSON.stringify(content);
        await stage.writeFile(`${stage.home}/auth.json`, text, 0o600);
        await stage.restart();
        await lookAtLogin(stage);
        const conversation = await stage.newConversation();
        await conversation.say('hi');
      },
    }),
  ),
  {
    name: 'the environment and settings of other releases do not sign in',
    answers,
    env: { OPENAI_API_KEY: 'sk-environment' },
    config: { ...config, preferred_auth_method: 'apikey' },
    async play(stage) {
      await lookAtLogin(stage);
      const conversation = await stage.newConversation();
      await conversation.say('hi');
    },
  },
  {
    name: 'a running conversation follows a login with an API key and a logout',
    answers,
    config,
    async play(stage) {
      const conversation = await stage.newConversation();
      await stage.request('loginApiKey', { apiKey: 'sk-login' });
      await lookAtLogin(stage);
      stage.note('after the login', storedLogin(stage));
      await conversation.say('signed in');
      await stage.request('logoutChatGpt', {});
      await stage.request('logoutChatGpt', {});
      await lookAtLogin(stage);
      stage.note('after the logout', storedLogin(stage));
      await conversation.say('signed out');
    },
  },
  {
    name: 'a login is not announced for a provider that needs none, and signs its requests',
    answers,
    compare,
    async play(stage) {
      await stage.writeFile(`${stage.home}/auth.json`, JSON.stringify(chatgpt), 0o600);
      await stage.restart();
      await lookAtLogin(stage);
      const conversation = await stage.newConversation();
      await conversation.say('hi');
    },
  },
];
