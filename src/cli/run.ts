import { main } from './main.ts';

/**
 * Runs one command line.
 *
 * @param args without the program's own name
 * @param onStarted called when a daemon has started
 * @returns the exit code, as {@link main} has it
 */
export function run(args: readonly string[], onStarted: () => void): Promise<number> {
  return main(args, async () => {
    const { startDaemon } = await import('../daemon/daemon.ts');
    return async (options) => {
      const daemon = await startDaemon(options);
      onStarted();
      return daemon;
    };
  });
}
