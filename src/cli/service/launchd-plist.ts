import type { ServiceDefinition } from './definition.ts';

/** A property list for launchd (launchd.plist(5)). */
export function launchdPlist(definition: ServiceDefinition): string {
  const { name, command, environment, workingDirectory, stopSeconds, logPath } = definition;
  const entries: Readonly<Record<string, Value>> = {
    Label: name,
    ProgramArguments: command,
    EnvironmentVariables: environment,
    WorkingDirectory: workingDirectory,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ExitTimeOut: stopSeconds,
    Umask: 0o077,
    SoftResourceLimits: { NumberOfFiles: 65_536, Core: 0 },
    HardResourceLimits: { NumberOfFiles: 65_536, Core: 0 },
    StandardOutPath: logPath,
    StandardErrorPath: logPath,
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${element(entries)}
</plist>
`;
}

type Value = string | number | boolean | readonly string[] | Readonly<Record<string, Scalar>>;
type Scalar = string | number | boolean;

function element(value: Value | Readonly<Record<string, Value>>): string {
  if (typeof value === 'string') return `<string>${escaped(value)}</string>`;
  if (typeof value === 'number') return `<integer>${value}</integer>`;
  if (typeof value === 'boolean') return `<${value}/>`;
  if (isList(value)) return `<array>\n${value.map(element).join('\n')}\n</array>`;
  const members = Object.entries(value).map(
    ([key, member]) => `<key>${escaped(key)}</key>\n${element(member)}`,
  );
  return `<dict>\n${members.join('\n')}\n</dict>`;
}

const isList = (value: unknown): value is readonly string[] => Array.isArray(value);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escaped = (text: string): string => text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');
