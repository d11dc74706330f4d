import { now } from './disk-record.ts';

/** What a client can set for the daemon as a whole. */
export interface Values {
  readonly model: string;
  /** Nothing when nobody is signed in. */
  readonly apiKey: string | undefined;
}

type Setting = keyof Values;

interface SettingEntry {
  readonly kind: 'asked' | 'acknowledged';
  readonly at: number;
  readonly values: Partial<Values>;
}

/** What clients set, and what they were told of that. */
export interface SettingsLedger {
  asked(values: Partial<Values>): void;
  acknowledged(values: Partial<Values>): void;
  /** When something was acknowledged. */
  readonly promises: readonly number[];
  /** What the files may say at that moment: what was acknowledged last, or what was asked for since. */
  allowed<Name extends Setting>(name: Name, at?: number): Values[Name][];
}

export function openSettingsLedger(initial: Values): SettingsLedger {
  const entries: SettingEntry[] = [];
  const note = (kind: SettingEntry['kind'], values: Partial<Values>): void =>
    void entries.push({ kind, at: now(), values });
  return {
    asked: (values) => note('asked', values),
    acknowledged: (values) => note('acknowledged', values),
    get promises() {
      return entries.filter(({ kind }) => kind === 'acknowledged').map(({ at }) => at);
    },
    allowed(name, at = Number.POSITIVE_INFINITY) {
      let allowed = [initial[name]];
      for (const { kind, values } of entries.filter((entry) => entry.at <= at && name in entry.values)) {
        const value = values[name] as Values[typeof name];
        allowed = kind === 'asked' ? [...allowed, value] : [value];
      }
      return allowed;
    },
  };
}
