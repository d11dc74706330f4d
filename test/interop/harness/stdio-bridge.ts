import { createDaemonProcess, DAEMON_ENTRY } from './daemon.ts';
import { speakOverStdio } from './reference.ts';
import type { StartTarget } from './target.ts';

/** codexd as the reference is used: a program that is spawned and spoken to on stdin and stdout. */
export const startBridged: StartTarget = async (place) => {
  const daemon = await createDaemonProcess(place);
  const target = await speakOverStdio([process.execPath, DAEMON_ENTRY, 'stdio'], place, 'codexd stdio');
  return {
    ...target,
    async stop() {
      await target.stop();
      await daemon.stop();
    },
  };
};
