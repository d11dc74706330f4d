import { z } from 'zod';
import { defineMethod, Empty } from '../method.ts';
import {
  ApprovalPolicy,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  Verbosity,
} from '../vocabulary/policies.ts';

const SavedProfile = z.object({
  model: z.string().nullable(),
  modelProvider: z.string().nullable(),
  approvalPolicy: ApprovalPolicy.nullable(),
  modelReasoningEffort: ReasoningEffort.nullable(),
  modelReasoningSummary: ReasoningSummary.nullable(),
  modelVerbosity: Verbosity.nullable(),
  chatgptBaseUrl: z.string().nullable(),
});

const SavedConfig = z
  .object({
    approvalPolicy: ApprovalPolicy.optional(),
    sandboxMode: SandboxMode.optional(),
    sandboxSettings: z
      .object({
        writableRoots: z.array(z.string()),
        networkAccess: z.boolean(),
        excludeTmpdirEnvVar: z.boolean(),
        excludeSlashTmp: z.boolean(),
      })
      .optional(),
    model: z.string().optional(),
    modelReasoningEffort: ReasoningEffort.optional(),
    modelReasoningSummary: ReasoningSummary.optional(),
    modelVerbosity: Verbosity.optional(),
    tools: z.object({ webSearch: z.boolean().optional(), viewImage: z.boolean().optional() }).optional(),
    profile: z.string().optional(),
    profiles: z.record(z.string(), SavedProfile),
  })
  .meta({ id: 'SavedConfig' });

export const getUserSavedConfig = defineMethod('getUserSavedConfig', {
  summary: 'What `config.toml` says, read anew; profiles and command line are not applied.',
  params: z.object({}),
  result: z.object({ config: SavedConfig }),
  rest: { verb: 'GET', path: '/v1/config', status: 200 },
  lane: { concurrent: 'reads one file, which is always whole' },
});

const EffectiveSetting = z
  .object({
    value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly(), z.null()]).meta({
      description: '`null` when it is not set and has no default; `[hidden]` for what may be a secret.',
    }),
    origin: z
      .enum(['default', 'file', 'profile', 'cli', 'config-param', 'param', 'environment'])
      .meta({ description: '`cli` is `-c`, `--profile` or `--demo`.' }),
  })
  .meta({ id: 'EffectiveSetting' });

export const getEffectiveConfig = defineMethod('getEffectiveConfig', {
  summary: 'The settings that a new conversation gets when it asks for none, and where each comes from.',
  params: z.object({}),
  result: z.object({
    settings: z
      .record(z.string(), EffectiveSetting)
      .meta({ description: 'By the dotted key in `config.toml`.' }),
  }),
  rest: { verb: 'GET', path: '/v1/config/effective', status: 200 },
  lane: { concurrent: 'reads one file, which is always whole' },
});

export const setDefaultModel = defineMethod('setDefaultModel', {
  summary:
    'Write the model of new conversations to `config.toml`, into the profile that it names if it names one.',
  params: z.object({
    model: z
      .string()
      .nullish()
      .meta({ description: 'Left out or `null` takes the setting out of the file.' }),
    reasoningEffort: ReasoningEffort.nullish().meta({ description: 'The same.' }),
  }),
  result: Empty,
  rest: { verb: 'PUT', path: '/v1/config/default-model', status: 200 },
  lane: { lane: 'config' },
});
