import { readFileSync } from 'node:fs';
import type { ApprovalPolicy, SandboxPolicy } from '../../protocol/vocabulary/policies.ts';
import type { Config } from '../config/types.ts';
import type { ModelFamily } from '../model/family.ts';
import type { ToolSpec } from '../model/types.ts';

const text = (name: string): string =>
  readFileSync(new URL(`./descriptions/${name}`, import.meta.url), 'utf8').trim();

const func = (name: string, properties: Record<string, unknown>, required: string[]): ToolSpec => ({
  type: 'function',
  name,
  description: text(`${name}.md`),
  strict: false,
  parameters: { type: 'object', properties, required, additionalProperties: false },
});

const string = (description: string) => ({ type: 'string', description });
const strings = (description: string) => ({ type: 'array', items: { type: 'string' }, description });
const number = (description: string) => ({ type: 'number', description });

const shellProperties = {
  command: strings('The command to run: the program, then each argument as an element of its own.'),
  workdir: string('The directory to run it in; relative paths start at the working directory.'),
  timeout_ms: number('How long it may run, in milliseconds.'),
};

const shell = func('shell', shellProperties, ['command']);

const shellWithEscalation = func(
  'shell',
  {
    ...shellProperties,
    with_escalated_permissions: {
      type: 'boolean',
      description: 'True to ask the user for leave to run the command without the sandbox.',
    },
    justification: string('One sentence for the user that says why; only with with_escalated_permissions.'),
  },
  ['command'],
);

const maxOutputTokens = number('How much of the output may be returned, in tokens; the middle is left out.');

const execCommand = func(
  'exec_command',
  {
    cmd: string('The command, as it would be typed into the shell.'),
    yield_time_ms: number('How long to wait for its end, in milliseconds.'),
    max_output_tokens: maxOutputTokens,
    shell: string('The shell that runs it; /bin/bash when left out.'),
    login: { type: 'boolean', description: 'False to run it without the profile of a login shell.' },
  },
  ['cmd'],
);

const writeStdin = func(
  'write_stdin',
  {
    session_id: number('The ID that exec_command has returned.'),
    chars: string('What to type; may be empty.'),
    yield_time_ms: number('How long to wait for output, in milliseconds.'),
    max_output_tokens: maxOutputTokens,
  },
  ['session_id', 'chars'],
);

const unifiedExec = func(
  'unified_exec',
  {
    input: strings('The program with its arguments or, with session_id, what to type.'),
    session_id: string('The session to type into; left out, a program is started.'),
    timeout_ms: number('How long to wait for output, in milliseconds; at most 60000.'),
  },
  ['input'],
);

const APPLY_PATCH_GRAMMAR = text('apply_patch.lark');

const applyPatchFunction = func('apply_patch', { input: string('The whole patch.') }, ['input']);

/** Free-form: the model writes the patch as it is, held to the grammar. */
const applyPatchCustom: ToolSpec = {
  type: 'custom',
  name: 'apply_patch',
  description: text('apply_patch.md'),
  format: { type: 'grammar', syntax: 'lark', definition: APPLY_PATCH_GRAMMAR },
};

const updatePlan = func(
  'update_plan',
  {
    explanation: string('Why the plan is new or changed.'),
    plan: {
      type: 'array',
      description: 'All steps, in order.',
      items: {
        type: 'object',
        properties: {
          step: string('What is to be done.'),
          status: string('pending, in_progress or completed.'),
        },
        required: ['step', 'status'],
        additionalProperties: false,
      },
    },
  },
  ['plan'],
);

const viewImage = func('view_image', { path: string('The image file, on the local disk.') }, ['path']);

export interface ToolChoice {
  readonly config: Config;
  readonly family: ModelFamily;
  readonly approvalPolicy: ApprovalPolicy;
  readonly sandboxPolicy: SandboxPolicy;
}

/** The tools that the model is offered, in the order of protocol-v1, section 11. */
export function toolSpecs(choice: ToolChoice): ToolSpec[] {
  const { config, family } = choice;
  return [
    ...commandTools(choice),
    ...(config.includePlanTool ? [updatePlan] : []),
    ...applyPatch(config, family),
    ...(config.webSearch ? [{ type: 'web_search' }] : []),
    ...(config.includeViewImageTool ? [viewImage] : []),
  ];
}

/** Models of a family that was trained on the function get it unasked. */
function applyPatch(config: Config, family: ModelFamily): ToolSpec[] {
  if (family.applyPatchTool === 'function') return [applyPatchFunction];
  return config.includeApplyPatchTool ? [applyPatchCustom] : [];
}

/** One way to run commands only. */
function commandTools(choice: ToolChoice): ToolSpec[] {
  if (choice.config.experimentalUnifiedExecTool) return [unifiedExec];
  if (choice.config.experimentalExecCommandTool) return [execCommand, writeStdin];
  return [shellTool(choice)];
}

/** A command can be let out of the sandbox where the user can be asked and there is something to be let out of. */
function shellTool({ family, approvalPolicy, sandboxPolicy }: ToolChoice): ToolSpec {
  // Observed on the 0.36.0 release: under this policy, local_shell gives way whether or not it could say more.
  if (family.localShell && approvalPolicy !== 'on-request') return { type: 'local_shell' };
  const mayEscalate = approvalPolicy === 'on-request' && sandboxPolicy.mode === 'workspace-write';
  return mayEscalate ? shellWithEscalation : shell;
}
