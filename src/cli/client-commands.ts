import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { ApprovalPolicy, SandboxMode } from '../protocol/vocabulary/policies.ts';
import type { LoginFlags } from './account/login.ts';
import type { ChatFlags } from './chat/flags.ts';
import type { ConversationFlags } from './conversations/flags.ts';
import type { ListFlags } from './conversations/list.ts';

export interface CommandMaker {
  /** A command that prints JSON with `--json`. */
  command(name: string, description: string): Command;
  reportExit(code: number): void;
  append(value: string, previous?: readonly string[]): readonly string[];
}

/** Written out, because the schema library takes longer to load than most commands run. */
const POLICIES = ['untrusted', 'on-failure', 'on-request', 'never'] satisfies ApprovalPolicy[];
const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access'] satisfies SandboxMode[];

const ID = 'id of a conversation, or its beginning';

/** Commands that talk to a running daemon as clients. */
export function clientCommands(maker: CommandMaker): Command[] {
  return [...conversationCommands(maker), ...chatCommands(maker), ...accountCommands(maker)];
}

/** A command that needs a running daemon. */
export const startable = (command: Command): Command =>
  command.option('--start', 'start a daemon when none runs');

function conversationCommands({ command, reportExit }: CommandMaker): Command[] {
  const onOne = (name: string, description: string): Command =>
    startable(command(name, description)).argument('<id>', ID);
  return [
    startable(command('list', 'list stored conversations, the newest first'))
      .option('--archived', 'list the archived ones instead')
      .option('--limit <number>', 'how many files to look at (default: 25)', parseCount)
      .option('--cursor <cursor>', 'go on where an earlier list ended')
      .action(async (flags: ListFlags) => {
        const { list } = await import('./conversations/list.ts');
        reportExit(await list(flags));
      }),
    onOne('show', 'print what was said in a conversation').action(
      async (id: string, flags: ConversationFlags) => {
        const { show } = await import('./conversations/show.ts');
        reportExit(await show(id, flags));
      },
    ),
    onOne('tail', 'follow what happens in an open conversation').action(
      async (id: string, flags: ConversationFlags) => {
        const { tail } = await import('./conversations/tail.ts');
        reportExit(await tail(id, flags));
      },
    ),
    onOne('archive', 'put a conversation away').action(async (id: string, flags: ConversationFlags) => {
      const { archive } = await import('./conversations/archive.ts');
      reportExit(await archive(id, flags));
    }),
    onOne('unarchive', 'bring an archived conversation back').action(
      async (id: string, flags: ConversationFlags) => {
        const { unarchive } = await import('./conversations/archive.ts');
        reportExit(await unarchive(id, flags));
      },
    ),
  ];
}

function chatCommands({ command, reportExit, append }: CommandMaker): Command[] {
  const withSettings = (made: Command): Command =>
    startable(made)
      .option('-m, --model <name>', 'model to ask')
      .option('-C, --cd <folder>', 'folder to work in (default: this one)')
      .option('--profile <name>', 'profile of config.toml')
      .addOption(new Option('-a, --ask-for-approval <policy>', 'when to ask for consent').choices(POLICIES))
      .addOption(new Option('-s, --sandbox <mode>', 'what commands may do').choices(SANDBOXES))
      .option('-c, --config <key=value>', 'override a key of config.toml; repeatable', append);
  const prompt = new Argument('[prompt]', 'one message to send; - reads it from stdin');
  return [
    withSettings(command('chat', 'talk to the agent in a new conversation'))
      .addArgument(prompt)
      .action(async (given: string | undefined, flags: ChatFlags) => {
        const { chat } = await import('./chat/chat.ts');
        reportExit(await chat(given, flags));
      }),
    withSettings(command('resume', 'go on with a stored conversation'))
      .argument('<id>', ID)
      .addArgument(prompt)
      .action(async (id: string, given: string | undefined, flags: ChatFlags) => {
        const { resume } = await import('./chat/chat.ts');
        reportExit(await resume(id, given, flags));
      }),
    startable(command('attach', 'join an open conversation from one more terminal'))
      .argument('<id>', ID)
      .action(async (id: string, flags: ConversationFlags) => {
        const { attach } = await import('./chat/chat.ts');
        reportExit(await attach(id, flags));
      }),
  ];
}

function accountCommands({ command, reportExit }: CommandMaker): Command[] {
  return [
    startable(command('login', 'sign in with ChatGPT, in a browser'))
      .option('--with-api-key', 'sign in with the API key on stdin instead')
      .action(async (flags: LoginFlags) => {
        const { login } = await import('./account/login.ts');
        reportExit(await login(flags));
      }),
    startable(command('logout', 'sign every client out')).action(async (flags: LoginFlags) => {
      const { logout } = await import('./account/logout.ts');
      reportExit(await logout(flags));
    }),
    startable(command('whoami', 'tell who is signed in')).action(async (flags: LoginFlags) => {
      const { whoami } = await import('./account/whoami.ts');
      reportExit(await whoami(flags));
    }),
  ];
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number from 1 to 99999.');
}
