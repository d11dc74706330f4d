import { Emitter } from '../../emitter.ts';
import type { Log } from '../../log.ts';
import { createQueue } from '../queue.ts';
import { CALLBACK_PORT } from './addresses.ts';
import { type CallbackServer, openCallbackServer } from './callback-server.ts';
import {
  CANCELLED,
  type ChatGptLogin,
  type ChatGptLoginOptions,
  createChatGptLogin,
  type LoginOutcome,
} from './chatgpt-login.ts';

/** The ChatGPT logins of the daemon, of which at most one waits for its browser. */
export interface Logins {
  readonly outcomes: Emitter<LoginOutcome>;
  /** Replaces a login that waits. Throws `PortInUseError`, and the system's errors. */
  start(): Promise<StartedLogin>;
  /** `false` when no login of that id waits. */
  cancel(loginId: string): boolean;
  /** Ends the login that waits, if one does. */
  cancelAny(): void;
  close(): Promise<void>;
}

export interface StartedLogin {
  readonly loginId: string;
  /** For the user's browser. */
  readonly authUrl: string;
}

export interface LoginsOptions
  extends Pick<ChatGptLoginOptions, 'issuer' | 'state' | 'originator' | 'onSecret'> {
  readonly log: Log;
  /** How long a login waits for its browser, in milliseconds; 10 minutes when left out. */
  readonly timeLimitMs?: number;
}

/** A login whose server is open: waiting, or over and about to show its success page. */
interface OpenLogin {
  readonly login: ChatGptLogin;
  readonly server: CallbackServer;
  timer: NodeJS.Timeout;
}

const TIME_LIMIT_MS = 10 * 60 * 1000;
/** How long the success page stays there for a browser that does not ask for it. */
const LINGER_MS = 30_000;
const NOT_COMPLETED = 'Login server error: Login was not completed';

export function createLogins(options: LoginsOptions): Logins {
  const { log, timeLimitMs = TIME_LIMIT_MS } = options;
  const outcomes = new Emitter<LoginOutcome>((err) => log.error({ err }, 'a listener of the logins failed'));
  const inTurn = createQueue();
  let open: OpenLogin | undefined;

  async function start(): Promise<StartedLogin> {
    await end(CANCELLED);
    const login = createChatGptLogin({
      ...options,
      onOutcome(outcome) {
        outcomes.emit(outcome);
        if (open?.login === login) settle(open, outcome);
      },
      onShown() {
        if (open?.login === login) releaseSoon();
      },
    });
    const server = await openCallbackServer(CALLBACK_PORT, login.routes, log);
    const timer = setTimeout(() => login.fail('Login timed out'), timeLimitMs).unref();
    open = { login, server, timer };
    return { loginId: login.id, authUrl: login.authUrl };
  }

  /** After a success the browser is still on its way to the page that says so. */
  function settle(over: OpenLogin, { success }: LoginOutcome): void {
    clearTimeout(over.timer);
    if (success) over.timer = setTimeout(releaseSoon, LINGER_MS).unref();
    else releaseSoon();
  }

  async function end(error: string): Promise<void> {
    open?.login.fail(error);
    await release();
  }

  async function release(): Promise<void> {
    if (!open) return;
    const { server, timer } = open;
    open = undefined;
    clearTimeout(timer);
    await server.close();
  }

  function releaseSoon(): void {
    release().catch((err: unknown) => log.warn({ err }, 'the login server did not close'));
  }

  return {
    outcomes,
    start: () => inTurn(start),
    cancel(loginId) {
      if (open?.login.id !== loginId || open.login.isOver) return false;
      open.login.fail(NOT_COMPLETED);
      return true;
    },
    cancelAny: () => open?.login.fail(NOT_COMPLETED),
    close: () => inTurn(() => end(NOT_COMPLETED)),
  };
}
