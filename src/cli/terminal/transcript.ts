import { StringDecoder } from 'node:string_decoder';
import type { EventMsg, EventOf, EventType } from '../../protocol/vocabulary/events.ts';
import { showChanges } from './changes.ts';
import { displayCommand } from './command-line.ts';
import type { Colour, Screen } from './screen.ts';
import { createStreamedText } from './streamed-text.ts';
import { visible, visibleLine } from './visible.ts';

type Message = { readonly type: string; readonly [member: string]: unknown };

/** Shows the events of one conversation to a person. */
export interface Transcript {
  show(msg: EventMsg): void;
  /** Stored messages, of which some may be of another program. */
  showAll(messages: readonly Message[]): void;
}

type Presenters = { readonly [T in EventType]?: (msg: EventOf<T>) => void };

const CHECKBOX = { pending: '[ ]', in_progress: '[>]', completed: '[x]' };

/** Members of stored messages that people read. */
const TEXT_OF: Readonly<Record<string, string>> = {
  user_message: 'message',
  agent_message: 'message',
  agent_reasoning: 'text',
  turn_aborted: 'reason',
};

export function createTranscript(screen: Screen): Transcript {
  const presenters = createPresenters(screen);

  function show(msg: EventMsg): void {
    // Which presenter it is follows from the type, as the table's own type says.
    const present = presenters[msg.type] as ((msg: EventMsg) => void) | undefined;
    present?.(msg);
  }

  return {
    show,
    showAll(messages) {
      for (const message of messages) if (isReadable(message)) show(message as EventMsg);
    },
  };
}

function isReadable(message: Message): boolean {
  const member = TEXT_OF[message.type];
  return member !== undefined && typeof message[member] === 'string';
}

function createPresenters(screen: Screen): Presenters {
  const { talk, endLine } = screen;
  const line = (text: string, colour?: Colour): void => {
    endLine();
    talk(`${text}\n`, colour);
  };
  const answer = createStreamedText((text) => screen.say(visible(text)), endLine);
  const reasoning = createStreamedText((text) => talk(visible(text), 'dim'), endLine);
  return {
    ...commandPresenters(screen, line),
    ...toolPresenters(screen, line),
    user_message: ({ message }) => line(`> ${visible(message)}`, 'cyan'),
    agent_message_delta: ({ delta }) => answer.piece(delta),
    agent_message: ({ message }) => answer.whole(message),
    agent_reasoning_delta: ({ delta }) => reasoning.piece(delta),
    agent_reasoning: ({ text }) => reasoning.whole(text),
    background_event: ({ message }) => line(visible(message), 'dim'),
    stream_error: ({ message }) => line(visible(message), 'dim'),
    error: ({ message }) => line(`error: ${visible(message)}`, 'red'),
    turn_aborted: () => line('interrupted', 'yellow'),
    task_complete: () => endLine(),
  };
}

type ShowLine = (text: string, colour?: Colour) => void;

function commandPresenters({ talk, endLine }: Screen, line: ShowLine): Presenters {
  /** Characters may be cut in two by the pieces. */
  const decoders = new Map<string, StringDecoder>();
  return {
    exec_command_begin({ call_id: id, command }) {
      decoders.set(id, new StringDecoder());
      line(`$ ${visible(displayCommand(command))}`, 'bold');
    },
    exec_command_output_delta({ call_id: id, chunk }) {
      const bytes = Buffer.from(chunk, 'base64');
      talk(visible(decoders.get(id)?.write(bytes) ?? bytes.toString()), 'dim');
    },
    exec_command_end({ call_id: id, exit_code: code }) {
      decoders.delete(id);
      if (code === 0) endLine();
      else line(`exit code ${code}`, 'yellow');
    },
  };
}

function toolPresenters(screen: Screen, line: ShowLine): Presenters {
  return {
    patch_apply_begin({ changes }) {
      screen.endLine();
      showChanges(screen, changes);
    },
    patch_apply_end({ success, stderr }) {
      if (!success) line(visible(stderr), 'yellow');
    },
    plan_update({ plan }) {
      line(plan.map(({ step, status }) => `${CHECKBOX[status]} ${visibleLine(step)}`).join('\n'));
    },
    mcp_tool_call_begin: ({ invocation: { server, tool } }) =>
      line(visibleLine(`${server}: ${tool}`), 'bold'),
    mcp_tool_call_end({ result }) {
      if ('Err' in result) line(visible(result.Err), 'yellow');
    },
    web_search_end: ({ query }) => line(visibleLine(`searched the web: ${query}`), 'bold'),
  };
}
