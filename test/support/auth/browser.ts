import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
import { onTestFinished } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where the machine has a Chromium, or why it is not there. */
export function findChromium(): { readonly path: string } | { readonly missing: string } {
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return { path: stdout.trim() };
  }
  return { missing: `none of ${NAMES.join(', ')} is installed` };
}

/** A headless browser for the running test. */
export async function openBrowser(executablePath: string): Promise<Browser> {
  // Chromium does not start under root with its own sandbox.
  const chromiumSandbox = process.getuid?.() !== 0;
  const browser = await chromium.launch({ executablePath, chromiumSandbox });
  onTestFinished(() => browser.close());
  return browser;
}
