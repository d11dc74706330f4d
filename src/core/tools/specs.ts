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
    family.localShell ? { type: 'local_shell' } : shellTool(choice),
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

/** Where the user can be asked and there is something to be let out of. */
function shellTool({ approvalPolicy, sandboxPolicy }: ToolChoice): ToolSpec {
  const mayEscalate = approvalPolicy === 'on-request' && sandboxPolicy.mode === 'workspace-write';
  return mayEscalate ? shellWithEscalation : shell;
}
