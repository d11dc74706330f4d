import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where the machine has a Chromium; `undefined` when it has none. */
export function findChromium(): string | undefined {
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

/**
 * A headless browser for which all names of `example` are this machine. What newer releases do by themselves about pages that
 * reach into the local network is switched off: the daemon has to refuse them.
 *
 * @param rules more of where names and ports are, as Chromium's resolver takes them
 */
export function launchBrowser(executablePath: string, rules: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // Chromium does not start under root with its own sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      `--host-resolver-rules=${['MAP *.example 127.0.0.1', ...rules].join(', ')}`,
      '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights,PrivateNetworkAccessRespectPreflightResults',
    ],
  });
}
