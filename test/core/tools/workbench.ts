import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ApprovalRequest } from '../../../src/core/approvals.ts';
import { createExecSessions } from '../../../src/core/exec-session/exec-sessions.ts';
import { createTurnDiffTracker } from '../../../src/core/patch/turn-diff.ts';
import { detectSandbox } from '../../../src/core/sandbox/detect.ts';
import { createSandbox } from '../../../src/core/sandbox/sandbox.ts';
import type { SandboxStatus } from '../../../src/core/sandbox/types.ts';
import { ApprovedCommands } from '../../../src/core/tools/approved-commands.ts';
import { runCall } from '../../../src/core/tools/runner.ts';
import type { ToolContext } from '../../../src/core/tools/tool.ts';
import { openChildren } from '../../../src/daemon/children/children.ts';
import type { EventMsg } from '../../../src/protocol/vocabulary/events.ts';
import type { ReviewDecision } from '../../../src/protocol/vocabulary/policies.ts';

export const hostStatus: SandboxStatus = await detectSandbox(process.env);
export const NO_SANDBOX: SandboxStatus = { kind: 'none', reason: 'None here.', remedy: 'Install one.' };

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface Settings extends Partial<Pick<ToolContext, 'approvalPolicy' | 'sandboxPolicy' | 'cwd'>> {
  readonly signal?: AbortSignal;
}

/** A conversation as far as tools see of it. */
export interface Workbench {
  readonly cwd: string;
  readonly asked: ApprovalRequest[];
  readonly events: EventMsg[];
  readonly sessions: ToolContext['sessions'];
  /** What questions are answered from now on; denied until then. */
  answer(decision: ReviewDecision): void;
  /** Calls a tool as in a turn with these settings; full access and never asking unless told. */
  call(name: string, args: unknown, settings?: Settings): Promise<string>;
}

export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly umask?: number;
  readonly status?: SandboxStatus;
  readonly shellEnvironmentPolicy?: Partial<ToolContext['shellEnvironmentPolicy']>;
}

export async function createWorkbench(surroundings: Surroundings = {}): Promise<Workbench> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'codexd-tools-')));
  const [cwd, home] = [join(root, 'work'), join(root, 'home')];
  for (const folder of [cwd, home]) mkdirSync(folder);
  const children = await openChildren(home, quiet);
  const sessions = createExecSessions(children.scope);
  onTestFinished(async () => {
    await sessions.endAll();
    await children.close();
    rmSync(root, { recursive: true, force: true });
  });
  const asked: ApprovalRequest[] = [];
  const events: EventMsg[] = [];
  let decision: ReviewDecision = 'denied';
  const context: ToolContext = {
    callId: 'c1',
    cwd,
    approvalPolicy: 'never',
    sandboxPolicy: { mode: 'danger-full-access' },
    shellEnvironmentPolicy: {
      inherit: 'all',
      ignoreDefaultExcludes: false,
      exclude: [],
      set: {},
      includeOnly: [],
      ...surroundings.shellEnvironmentPolicy,
    },
    host: {
      env: { PATH: process.env.PATH, HOME: root, ...surroundings.env },
      umask: surroundings.umask ?? 0o022,
      processes: children.scope,
    },
    sandbox: createSandbox({ status: surroundings.status ?? hostStatus, codexHome: home, hidden: [] }),
    approvedCommands: new ApprovedCommands(),
    turnDiff: createTurnDiffTracker(),
    mcp: { specs: [], failures: [], has: () => false, call: async () => '', close: async () => {} },
    sessions,
    signal: new AbortController().signal,
    emit: (msg) => events.push(msg),
    async ask(request) {
      asked.push(request);
      return decision;
    },
    inject() {},
  };
  return {
    cwd,
    asked,
    events,
    sessions,
    answer(next) {
      decision = next;
    },
    async call(name, args, settings = {}) {
      const item = { type: 'function_call', name, arguments: JSON.stringify(args), call_id: 'c1' } as const;
      const output = await runCall(item, { ...context, ...settings });
      return 'output' in output && typeof output.output === 'string' ? output.output : JSON.stringify(output);
    },
  };
}
