import type { Duration } from '../../protocol/vocabulary/event-parts.ts';
import type { Folds } from './fold.ts';
import { decodeChunk, keepEnd, NO_BYTES } from './output.ts';
import {
  append,
  type Command,
  findLast,
  type Item,
  type Patch,
  replace,
  type Transcript,
} from './transcript.ts';

/** What the model has done: commands, patches, plans and tools. An item is found again by the id of its call. */
export const callFolds: Folds = {
  exec_approval_request: (transcript, { call_id: callId, command, cwd }) =>
    putCommand(transcript, { ...NEW_COMMAND, callId, command, cwd }),
  exec_command_begin: (transcript, { call_id: callId, command, cwd }) =>
    putCommand(transcript, { ...NEW_COMMAND, callId, command, cwd, state: 'running' }),
  exec_command_output_delta: (transcript, { call_id: callId, chunk }) => {
    const item = findCall(transcript, 'command', callId);
    if (!item) return transcript;
    const { text, pending } = decodeChunk(item.pending, chunk);
    return replace(transcript, { ...item, output: keepEnd(item.output + text), pending });
  },
  exec_command_end: (
    transcript,
    { call_id: callId, aggregated_output: output, exit_code: exitCode, duration },
  ) => {
    const item = findCall(transcript, 'command', callId);
    if (!item) return transcript;
    return replace(transcript, {
      ...item,
      state: 'ended',
      output: output === '' ? item.output : output,
      pending: NO_BYTES,
      exitCode,
      duration: inMilliseconds(duration),
    });
  },
  apply_patch_approval_request: (transcript, { call_id: callId, changes }) =>
    putPatch(transcript, { kind: 'patch', callId, changes, state: 'asked', problem: '' }),
  patch_apply_begin: (transcript, { call_id: callId, changes }) =>
    putPatch(transcript, { kind: 'patch', callId, changes, state: 'running', problem: '' }),
  patch_apply_end: (transcript, { call_id: callId, success, stderr }) => {
    const item = findCall(transcript, 'patch', callId);
    if (!item) return transcript;
    const ended = success
      ? { state: 'applied' as const, problem: '' }
      : { state: 'failed' as const, problem: stderr };
    return replace(transcript, { ...item, ...ended });
  },
  plan_update: (transcript, { explanation, plan: steps }) => {
    const plan = { kind: 'plan', explanation, steps } as const;
    const earlier = planOfTurn(transcript.items);
    return earlier ? replace(transcript, { key: earlier.key, ...plan }) : append(transcript, plan);
  },
  mcp_tool_call_begin: (transcript, { call_id: callId, invocation }) =>
    append(transcript, { kind: 'tool', callId, invocation, result: undefined }),
  mcp_tool_call_end: (transcript, { call_id: callId, invocation, result }) => {
    const item = findCall(transcript, 'tool', callId);
    return item
      ? replace(transcript, { ...item, result })
      : append(transcript, { kind: 'tool', callId, invocation, result });
  },
  web_search_begin: (transcript, { call_id: callId }) =>
    append(transcript, { kind: 'search', callId, query: '' }),
  web_search_end: (transcript, { call_id: callId, query }) => {
    const item = findCall(transcript, 'search', callId);
    return item
      ? replace(transcript, { ...item, query })
      : append(transcript, { kind: 'search', callId, query });
  },
};

const NEW_COMMAND = {
  kind: 'command',
  state: 'asked',
  output: '',
  pending: NO_BYTES,
  exitCode: undefined,
  duration: undefined,
} as const;

const findCall = <K extends 'command' | 'patch' | 'tool' | 'search'>(
  transcript: Transcript,
  kind: K,
  id: string,
) => findLast(transcript, kind, (item) => 'callId' in item && item.callId === id);

/** Some models begin anew with their ids at each turn. */
const isOfTurn = ({ items }: Transcript, item: Item): boolean =>
  items.indexOf(item) > items.findLastIndex(({ kind }) => kind === 'user');

/** A command that was asked about, or that is tried again, stays in its place. */
function putCommand(transcript: Transcript, command: Command): Transcript {
  const item = findCall(transcript, 'command', command.callId);
  return item && isOfTurn(transcript, item)
    ? replace(transcript, { key: item.key, ...command })
    : append(transcript, command);
}

function putPatch(transcript: Transcript, patch: Patch): Transcript {
  const item = findCall(transcript, 'patch', patch.callId);
  return item && isOfTurn(transcript, item)
    ? replace(transcript, { key: item.key, ...patch })
    : append(transcript, patch);
}

/** Within a turn, a plan takes the place of the one before. */
function planOfTurn(items: readonly Item[]): Item | undefined {
  const start = items.findLastIndex(({ kind }) => kind === 'user');
  return items.slice(start + 1).find(({ kind }) => kind === 'plan');
}

const inMilliseconds = ({ secs, nanos }: Duration): number => secs * 1_000 + nanos / 1e6;
