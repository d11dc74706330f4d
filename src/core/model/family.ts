/** What a model's name tells about it (protocol-v1, section 9). */
export interface ModelFamily {
  /** In tokens; `undefined` when unknown. */
  readonly contextWindow: number | undefined;
  readonly reasoningSummaries: boolean;
  readonly verbosity: boolean;
  /** Which built-in instructions it gets. */
  readonly instructions: 'default' | 'gpt-5-codex';
  /** Whether the instructions have to explain `apply_patch` when no tool of that name is offered. */
  readonly explainApplyPatch: boolean;
  /** Has `local_shell` built in and gets that tool in place of `shell`. */
  readonly localShell: boolean;
  /** Form of the `apply_patch` tool: as a function it is offered without being asked for. */
  readonly applyPatchTool: 'function' | 'custom';
}

const UNKNOWN = {
  reasoningSummaries: false,
  verbosity: false,
  instructions: 'default',
  explainApplyPatch: false,
  localShell: false,
  applyPatchTool: 'custom',
} as const;
const KNOWN = { ...UNKNOWN, explainApplyPatch: true } as const;
const REASONING = { ...KNOWN, reasoningSummaries: true } as const;
const CODEX = { ...UNKNOWN, reasoningSummaries: true, instructions: 'gpt-5-codex' } as const;
const GPT_OSS = { ...UNKNOWN, applyPatchTool: 'function' } as const;

/** The first prefix that fits decides. */
const FAMILIES: readonly (readonly [prefix: string, family: Omit<ModelFamily, 'contextWindow'>])[] = [
  ['codex-mini-latest', { ...REASONING, localShell: true }],
  ['codex-', CODEX],
  ['gpt-5-codex', CODEX],
  ['gpt-5', { ...REASONING, verbosity: true }],
  ['o3', REASONING],
  ['o4-mini', REASONING],
  ['gpt-4.1', KNOWN],
  ['gpt-4o', KNOWN],
  ['gpt-3.5', KNOWN],
  ['gpt-oss', GPT_OSS],
  ['openai/gpt-oss', GPT_OSS],
];

const WINDOW_BY_NAME: ReadonlyMap<string, number> = new Map([
  ['codex-mini-latest', 200_000],
  ['o3', 200_000],
  ['o4-mini', 200_000],
  ['gpt-4.1', 1_047_576],
  ['gpt-4o', 128_000],
  ['gpt-4o-2024-05-13', 128_000],
  ['gpt-4o-2024-08-06', 128_000],
  ['gpt-4o-2024-11-20', 128_000],
  ['gpt-3.5-turbo', 16_385],
  ['gpt-oss-20b', 96_000],
  ['gpt-oss-120b', 96_000],
]);

const WINDOW_BY_PREFIX: readonly (readonly [prefix: string, tokens: number])[] = [
  ['gpt-5', 272_000],
  ['codex-', 272_000],
];

/** Names are compared as they are, case included. Unknown ones get the least: no reasoning, no window. */
export function modelFamily(model: string): ModelFamily {
  const traits = FAMILIES.find(([prefix]) => model.startsWith(prefix))?.[1] ?? UNKNOWN;
  return { ...traits, contextWindow: contextWindow(model) };
}

function contextWindow(model: string): number | undefined {
  return WINDOW_BY_NAME.get(model) ?? WINDOW_BY_PREFIX.find(([prefix]) => model.startsWith(prefix))?.[1];
}
