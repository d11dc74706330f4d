import type { Answer } from './answers.ts';
import { summariseOutputs } from './outputs.ts';
import type { InputItem, RecordedRequest, RequestBody } from './recording.ts';
import { completed, created, functionCall, itemDone, message, textDeltas } from './responses.ts';

/** Begins every text of the demo model, so that nobody takes it for a real one. */
export const DEMO_NOTICE = 'This is the codexd demo model, not a real one.';

const HELP =
  'Try "run: CMD", "list the files", "write a file" for a patch, or "ask for approval" for a command that needs one.';

const DEMO_FILE = 'codexd-demo.txt';

/** What the demo model does in answer to a prompt. */
interface Reply {
  readonly text: string;
  /** Arguments of a call to `shell`. */
  readonly shell?: Readonly<Record<string, unknown>>;
}

/**
 * The model behind `--demo`: its answer follows from the last message, or from the tool outputs after it, and is the same
 * each time. Token counts are a quarter of the characters.
 */
export function demoResponder({ body }: Pick<RecordedRequest, 'body'>): Answer {
  const { text, shell } = replyTo(body.input);
  const said = `${DEMO_NOTICE} ${text}`;
  const serial = body.input.length;
  const items = [message(said, `msg_demo_${serial}`)];
  if (shell) items.push(functionCall('shell', shell, `call_demo_${serial}`));
  return [
    created(`resp_demo_${serial}`),
    ...textDeltas(said),
    ...items.map(itemDone),
    completed(usage(body, JSON.stringify(items)), `resp_demo_${serial}`),
  ];
}

function usage({ instructions, input }: RequestBody, output: string): { input: number; output: number } {
  return { input: tokens(`${instructions}${JSON.stringify(input)}`), output: tokens(output) };
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

function replyTo(input: readonly InputItem[]): Reply {
  const end = input.findLastIndex((item) => !isOutput(item));
  const outputs = input.slice(end + 1);
  if (outputs.length > 0) return { text: summariseOutputs(outputs) };
  return replyToPrompt(lastPrompt(input));
}

function isOutput({ type }: InputItem): boolean {
  return type === 'function_call_output' || type === 'custom_tool_call_output';
}

function lastPrompt(input: readonly InputItem[]): string {
  const content = input.findLast((item) => item.type === 'message' && item.role === 'user')?.content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('\n');
}

function replyToPrompt(prompt: string): Reply {
  const [before = '', command] = prompt.split(/\brun:\s*(.+)/is);
  const escalated = /\b(approval|approve|escalate)/i.test(before);
  if (command !== undefined) return runCommand(command.trim(), escalated);
  if (escalated) return runCommand('date', true);
  if (/\b(patch|edit)|\bwrite a file\b/i.test(prompt)) return proposePatch();
  if (/\b(run|list|ls|command|shell)/i.test(prompt)) return runCommand('ls', false);
  return { text: `You wrote: "${prompt}". ${HELP}` };
}

function runCommand(command: string, escalated: boolean): Reply {
  const shell = { command: ['bash', '-lc', command] };
  if (!escalated) return { text: `It runs \`${command}\`.`, shell };
  return {
    text: `It asks to run \`${command}\` outside the sandbox.`,
    shell: {
      ...shell,
      with_escalated_permissions: true,
      justification: 'The demo shows how approval works.',
    },
  };
}

function proposePatch(): Reply {
  const patch = `*** Begin Patch\n*** Add File: ${DEMO_FILE}\n+${DEMO_NOTICE}\n*** End Patch`;
  return {
    text: `It proposes a patch that writes ${DEMO_FILE}.`,
    shell: { command: ['apply_patch', patch] },
  };
}
