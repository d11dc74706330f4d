import { join } from 'node:path';
import { writePrivateFile } from './private-file.ts';
import type { Redactor } from './redact.ts';

/** What a diagnostics file is made of, beside what the process knows of itself. */
export interface DiagnosticsSource {
  readonly version: string;
  readonly redactor: Redactor;
  /** The daemon's own account: ids, numbers and states, and nothing that was said. */
  inspect(): Promise<object>;
}

/**
 * Writes what helps to find out what the daemon is doing, with secrets taken out, in place of the file before (REL-SIG-4).
 * @param folder the daemon's own
 * @returns where it is
 */
export async function writeDiagnostics(folder: string, source: DiagnosticsSource): Promise<string> {
  const path = join(folder, 'diagnostics.json');
  const facts = {
    writtenAt: new Date().toISOString(),
    version: source.version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    pid: process.pid,
    uptimeSeconds: Math.round(process.uptime()),
    memory: process.memoryUsage(),
    usage: process.resourceUsage(),
    resources: process.getActiveResourcesInfo(),
    daemon: await source.inspect(),
  };
  await writePrivateFile(path, `${source.redactor.redact(JSON.stringify(facts, null, 2))}\n`);
  return path;
}
