import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import { configurationLike } from './real-daemon.ts';
import type { SettingsLedger } from './settings-ledger.ts';

/**
 * In words, what is wrong with the settings and the credentials on disk: each file is whole, as it was or as it was asked
 * for, and has nothing lost.
 * @param at the moment of the last answer that counts
 */
export function checkSettings(home: string, settings: SettingsLedger, at?: number): string[] {
  return [...checkConfig(home, settings, at), ...checkAuth(home, settings, at)];
}

function checkConfig(home: string, settings: SettingsLedger, at: number | undefined): string[] {
  const text = readFileSync(path.join(home, 'config.toml'), 'utf8');
  const allowed = settings.allowed('model', at);
  const isAllowed = allowed.some((model) =>
    isDeepStrictEqual(tryParse(text), configurationLike(text, model)),
  );
  const isCommented = text.startsWith('# ');
  if (isAllowed && isCommented) return [];
  return [`config.toml should have one of ${allowed.join()} and all else as it was: ${JSON.stringify(text)}`];
}

function tryParse(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function checkAuth(home: string, settings: SettingsLedger, at: number | undefined): string[] {
  const file = path.join(home, 'auth.json');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const allowed = settings.allowed('apiKey', at);
  const isAllowed = allowed.some((key) =>
    key === undefined ? text === undefined : text !== undefined && keyIn(text) === key,
  );
  return isAllowed ? [] : [`auth.json should have one of ${allowed.join()}: ${JSON.stringify(text)}`];
}

function keyIn(text: string): unknown {
  try {
    return JSON.parse(text).OPENAI_API_KEY;
  } catch {
    return undefined;
  }
}
