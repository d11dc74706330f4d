import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/core/config/types.ts';
import { modelFamily } from '../../../src/core/model/family.ts';
import type { ToolSpec } from '../../../src/core/model/types.ts';
import { toolSpecs } from '../../../src/core/tools/specs.ts';
import type { ApprovalPolicy, SandboxPolicy } from '../../../src/protocol/vocabulary/policies.ts';

interface Choice {
  readonly model?: string;
  readonly execCommand?: boolean;
  readonly unifiedExec?: boolean;
  readonly approvalPolicy?: ApprovalPolicy;
  readonly sandboxMode?: SandboxPolicy['mode'];
}

/** Only what the choice of tools looks at. */
const config = (execCommand: boolean, unifiedExec: boolean): Config =>
  ({
    includePlanTool: true,
    includeApplyPatchTool: false,
    includeViewImageTool: true,
    webSearch: true,
    experimentalExecCommandTool: execCommand,
    experimentalUnifiedExecTool: unifiedExec,
  }) as Config;

function specs(choice: Choice): ToolSpec[] {
  const { model = 'gpt-5', execCommand = false, unifiedExec = false } = choice;
  return toolSpecs({
    config: config(execCommand, unifiedExec),
    family: modelFamily(model),
    approvalPolicy: choice.approvalPolicy ?? 'never',
    sandboxPolicy: { mode: choice.sandboxMode ?? 'danger-full-access' },
  });
}

const names = (choice: Choice): string => specs(choice).map(nameOf).join(' ');
const nameOf = ({ name, type }: ToolSpec): string => (typeof name === 'string' ? name : type);

function spec(name: string, choice: Choice): ToolSpec | undefined {
  return specs(choice).find((tool) => tool.name === name);
}

/** A spec without its prose. */
function shape(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) =>
      key === 'description' && typeof inner === 'string' ? undefined : inner,
    ),
  );
}

const REST = 'update_plan web_search view_image';
const REST_OF_GPT_OSS = 'update_plan apply_patch web_search view_image';

describe('the tools that run commands', () => {
  const families = [
    'some-model',
    'gpt-5',
    'gpt-5-codex',
    'gpt-4.1',
    'o3',
    'codex-mini-latest',
    'gpt-oss-20b',
  ];
  const policies: (readonly [ApprovalPolicy, SandboxPolicy['mode']])[] = [
    ['never', 'danger-full-access'],
    ['on-request', 'workspace-write'],
  ];
  const cases = families.flatMap((model) =>
    policies.map(([approvalPolicy, sandboxMode]) => ({ model, approvalPolicy, sandboxMode })),
  );

  test.each(cases)('are those of the settings, whatever the model and the policy: %o', (choice) => {
    const rest = choice.model === 'gpt-oss-20b' ? REST_OF_GPT_OSS : REST;
    expect(names({ ...choice, execCommand: true })).toBe(`exec_command write_stdin ${rest}`);
    expect(names({ ...choice, unifiedExec: true })).toBe(`unified_exec ${rest}`);
    expect(names({ ...choice, execCommand: true, unifiedExec: true })).toBe(`unified_exec ${rest}`);
  });

  test.each([
    ['codex-mini-latest', 'never', 'local_shell'],
    ['codex-mini-latest', 'untrusted', 'local_shell'],
    ['codex-mini-latest', 'on-failure', 'local_shell'],
    ['codex-mini-latest', 'on-request', 'shell'],
    ['gpt-5', 'never', 'shell'],
    ['gpt-5', 'on-request', 'shell'],
  ] as const)('are, for %s under %s, %s by default', (model, approvalPolicy, expected) => {
    const modes = ['read-only', 'workspace-write', 'danger-full-access'] as const;
    for (const sandboxMode of modes) {
      expect(names({ model, approvalPolicy, sandboxMode })).toBe(`${expected} ${REST}`);
    }
  });

  test.each([
    ['on-request', 'workspace-write', true],
    ['on-request', 'read-only', false],
    ['on-request', 'danger-full-access', false],
    ['on-failure', 'workspace-write', false],
    ['never', 'workspace-write', false],
  ] as const)('ask to leave the sandbox under %s and %s: %s', (approvalPolicy, sandboxMode, expected) => {
    const parameters = spec('shell', { approvalPolicy, sandboxMode })?.parameters;
    const found = JSON.stringify(parameters).includes('"with_escalated_permissions"');
    expect(found).toBe(expected);
  });
});

describe('the shape of', () => {
  const func = (name: string, properties: object, required: string[]) => ({
    type: 'function',
    name,
    strict: false,
    parameters: { type: 'object', properties, required, additionalProperties: false },
  });
  const string = { type: 'string' };
  const number = { type: 'number' };

  test('exec_command', () => {
    const properties = {
      cmd: string,
      yield_time_ms: number,
      max_output_tokens: number,
      shell: string,
      login: { type: 'boolean' },
    };
    const found = spec('exec_command', { execCommand: true });
    expect(shape(found)).toEqual(func('exec_command', properties, ['cmd']));
  });

  test('write_stdin', () => {
    const properties = {
      session_id: number,
      chars: string,
      yield_time_ms: number,
      max_output_tokens: number,
    };
    const found = spec('write_stdin', { execCommand: true });
    expect(shape(found)).toEqual(func('write_stdin', properties, ['session_id', 'chars']));
  });

  test('unified_exec', () => {
    const properties = { input: { type: 'array', items: string }, session_id: string, timeout_ms: number };
    const found = spec('unified_exec', { unifiedExec: true });
    expect(shape(found)).toEqual(func('unified_exec', properties, ['input']));
  });
});
