import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';

const answers = () => textAnswer('ok');

/** One short conversation for each set of `newConversation` params. */
function settingsCase(
  name: string,
  paramSets: readonly Readonly<Record<string, unknown>>[],
  more: Partial<InteropCase> = {},
): InteropCase {
  return {
    name,
    answers,
    async play(stage) {
      for (const params of paramSets) {
        const conversation = await stage.newConversation(params);
        await conversation.say('hi');
      }
    },
    ...more,
  };
}

const FAMILIES = [
  'gpt-5',
  'gpt-5-mini',
  'gpt-5-codex',
  'codex-mini-latest',
  'o3',
  'o4-mini',
  'gpt-4.1',
  'gpt-4o',
  'gpt-3.5-turbo',
  'gpt-oss-20b',
  'gpt-oss:20b',
  'something-else',
];

export const settings: readonly InteropCase[] = [
  settingsCase(
    'each family of models gets its own request',
    FAMILIES.map((model) => ({ model })),
  ),
  settingsCase('effort, summary and verbosity reach the models that have them', [
    {
      config: { model_reasoning_effort: 'minimal', model_reasoning_summary: 'none', model_verbosity: 'low' },
    },
    { model: 'o3', config: { model_reasoning_effort: 'high', model_verbosity: 'high' } },
    { model: 'gpt-4.1', config: { model_reasoning_effort: 'high', model_reasoning_summary: 'detailed' } },
    { model: 'own', config: { model_supports_reasoning_summaries: true, model_context_window: 1234 } },
  ]),
  settingsCase('params choose model, policies, tools and folder', [
    { model: 'o3', approvalPolicy: 'on-request', sandbox: 'workspace-write', includePlanTool: true },
    { approvalPolicy: 'untrusted', sandbox: 'read-only', config: { 'tools.view_image': false } },
    { approvalPolicy: 'on-failure', sandbox: 'danger-full-access', config: { 'tools.web_search': true } },
    { model: null, profile: null, config: null, includePlanTool: null },
    {
      sandbox: 'workspace-write',
      config: {
        sandbox_workspace_write: {
          writable_roots: ['/tmp/a', '/tmp/b'],
          network_access: true,
          exclude_slash_tmp: true,
        },
      },
    },
    { sandbox: 'workspace-write', config: { 'sandbox_workspace_write.network_access': true } },
    { cwd: 'below' },
    { cwd: null },
  ]),
  settingsCase('experimental tools take the place of the shell', [
    { config: { experimental_use_exec_command_tool: true }, includePlanTool: true },
    { config: { experimental_use_unified_exec_tool: true }, includeApplyPatchTool: true },
  ]),
  settingsCase(
    'a profile stands above overrides and below params',
    [
      {},
      { profile: 'other' },
      { profile: 'fast', model: 'gpt-4.1', config: { model: 'gpt-4o', model_reasoning_effort: 'low' } },
      { config: { 'profiles.fast.model': 'o4-mini', approval_policy: 'on-failure' } },
      { config: { profile: 'other' } },
    ],
    {
      config: {
        profile: 'fast',
        profiles: {
          fast: { model: 'o3', approval_policy: 'on-request', model_reasoning_effort: 'high' },
          other: { model: 'gpt-5-codex', model_reasoning_summary: 'concise', model_verbosity: 'medium' },
        },
      },
    },
  ),
  {
    name: 'instructions may be given, or stand in a file',
    answers,
    async play(stage) {
      const file = await stage.writeFile('instructions.md', '\nBe a file.\n');
      const fromFile = { config: { experimental_instructions_file: file } };
      for (const params of [{ baseInstructions: 'Be brief.' }, { baseInstructions: '' }, fromFile]) {
        const conversation = await stage.newConversation(params);
        await conversation.say('hi');
      }
    },
  },
  {
    name: 'a provider has a key, headers and a query of its own',
    env: { INTEROP_KEY: 'the key', INTEROP_HEADER: 'from the environment' },
    config: {
      model_providers: {
        scripted: {
          env_key: 'INTEROP_KEY',
          http_headers: { 'x-fixed': 'as written' },
          env_http_headers: { 'x-variable': 'INTEROP_HEADER', 'x-unset': 'INTEROP_UNSET' },
          query_params: { 'api-version': '2025-01-01', flavour: 'a b' },
        },
      },
    },
    answers,
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('hi');
    },
  },
  {
    name: 'the key of a provider is missing',
    config: {
      model_providers: {
        scripted: { env_key: 'INTEROP_MISSING', env_key_instructions: 'Get one at the desk.' },
      },
    },
    answers,
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('hi');
    },
  },
  {
    name: 'a program is told of the end of a turn',
    config: { notify: ['sh', '-c', 'printf %s "$1" > told', 'sh'] },
    answers,
    async play(stage) {
      const pipe = `${stage.cwd}/told`;
      execFileSync('mkfifo', [pipe]);
      const conversation = await stage.newConversation();
      await conversation.say('hi');
      stage.note('told', JSON.parse(await readFile(pipe, 'utf8')));
    },
  },
  {
    name: 'settings that cannot be used are refused',
    async play(stage) {
      const refused = [
        { profile: 'nobody' },
        { config: { model_provider: 'nobody' } },
        { config: { model_reasoning_effort: 'huge' } },
        { config: { approval_policy: 'sometimes' } },
        { config: { model_context_window: 'wide' } },
        { config: { experimental_instructions_file: '/nowhere/instructions.md' } },
      ];
      for (const params of refused) await stage.request('newConversation', { cwd: stage.cwd, ...params });
      await stage.writeFile(`${stage.home}/config.toml`, 'model = [\n');
      await stage.request('newConversation', { cwd: stage.cwd });
      await stage.writeFile(`${stage.home}/config.toml`, 'model = 5\n');
      await stage.request('newConversation', { cwd: stage.cwd });
    },
  },
];
