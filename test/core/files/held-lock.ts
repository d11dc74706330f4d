import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** Another program, which is killed when the test ends. */
export interface OtherProgram {
  readonly pid: number;
  /** What it says, line by line. */
  nextLine(): Promise<string>;
  tell(line: string): void;
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

export function otherProgram(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): OtherProgram {
  const child: ChildProcess = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  const { pid, stdout, stdin } = child;
  if (pid === undefined || stdout === null || stdin === null) throw new Error(`${program} did not start`);
  const exit = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  onTestFinished(kill);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    pid,
    nextLine: async () => String((await lines.next()).value),
    tell: (line) => void stdin.write(`${line}\n`),
    kill,
  };
}

const PERL_HOLDER = `use Fcntl ":flock"; $| = 1;
my ($path, $mode, $prctl) = @ARGV;
syscall($prctl, 4, 0) if $prctl;
open(my $file, "+>>", $path) or die "$path: $!";
print flock($file, ($mode eq "shared" ? LOCK_SH : LOCK_EX) | LOCK_NB) ? "locked\\n" : "refused\\n";
<STDIN>;`;

/** prctl(2), by which a process can hide its descriptors from others of its user. */
const PRCTL: Partial<Record<string, number>> = { x64: 157, arm64: 167 };

/** A program that locks the file with a call of its own, as the Codex command line does. */
export async function holdLock(
  path: string,
  { mode = 'exclusive', hidden = false }: { mode?: 'exclusive' | 'shared'; hidden?: boolean } = {},
): Promise<OtherProgram> {
  const prctl = hidden ? [String(PRCTL[process.arch] ?? '')] : [];
  const holder = otherProgram('perl', ['-e', PERL_HOLDER, path, mode, ...prctl]);
  const said = await holder.nextLine();
  if (said !== 'locked') throw new Error(`the lock of ${path} was not to be had: ${said}`);
  return holder;
}
