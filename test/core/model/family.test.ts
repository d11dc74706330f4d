import { describe, expect, it } from 'vitest';
import { modelFamily } from '../../../src/core/model/family.ts';

describe('model families', () => {
  it.each([
    ['gpt-5', 272_000, 'reasoning verbosity explain default'],
    ['gpt-5-mini', 272_000, 'reasoning verbosity explain default'],
    ['gpt-5-codex', 272_000, 'reasoning gpt-5-codex'],
    ['gpt-5-codex-high', 272_000, 'reasoning gpt-5-codex'],
    ['codex-new', 272_000, 'reasoning gpt-5-codex'],
    ['codex-mini-latest', 200_000, 'reasoning explain local_shell default'],
    ['o3', 200_000, 'reasoning explain default'],
    ['o3-pro', undefined, 'reasoning explain default'],
    ['o4-mini', 200_000, 'reasoning explain default'],
    ['o4', undefined, 'default'],
    ['gpt-4.1', 1_047_576, 'explain default'],
    ['gpt-4.1-mini', undefined, 'explain default'],
    ['gpt-4o', 128_000, 'explain default'],
    ['gpt-4o-2024-08-06', 128_000, 'explain default'],
    ['gpt-3.5-turbo', 16_385, 'explain default'],
    ['gpt-oss-20b', 96_000, 'function default'],
    ['gpt-oss:20b', undefined, 'function default'],
    ['openai/gpt-oss-20b', undefined, 'function default'],
    ['GPT-5', undefined, 'default'],
    ['something-else', undefined, 'default'],
  ])('knows %s', (model, window, traits) => {
    const family = modelFamily(model);
    expect(family.contextWindow).toBe(window);
    const shown = [
      family.reasoningSummaries && 'reasoning',
      family.verbosity && 'verbosity',
      family.explainApplyPatch && 'explain',
      family.localShell && 'local_shell',
      family.applyPatchTool === 'function' && 'function',
      family.instructions,
    ];
    expect(shown.filter(Boolean).join(' ')).toBe(traits);
  });
});
