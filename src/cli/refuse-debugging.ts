import { OperatorError } from '../daemon/operator-error.ts';

/** What gives others a way into the process, or brings code of theirs with it. */
const INTO_THE_PROCESS =
  /(?:^|[\s"'])(?:--inspect\S*|--debug-port\S*|--require\b\S*|-r\b|--import\b\S*|--(?:experimental-)?loader\b\S*)/;
const INSPECTOR = /^--inspect/;

/**
 * Whoever can reach the inspector can do all that the daemon can, without a token (SEC-RED-4).
 *
 * @throws {OperatorError} when Node was told to open it, or to load code before the daemon's
 */
export function refuseDebugging(execArgv: readonly string[], env: NodeJS.ProcessEnv): void {
  const given = execArgv.find((argument) => INSPECTOR.test(argument));
  if (given !== undefined) throw refusal(`Node was started with ${given}`);
  const [option] = INTO_THE_PROCESS.exec(env.NODE_OPTIONS ?? '') ?? [];
  if (option !== undefined) throw refusal(`NODE_OPTIONS contains ${option.trim()}`);
}

const refusal = (found: string): OperatorError =>
  new OperatorError(
    `${found}: whoever uses that controls the daemon. codexd serve --allow-debug permits it.`,
  );
