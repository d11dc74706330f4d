import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { NewConversationParams } from '../../protocol/v1/conversation.ts';
import { Composer } from './composer.tsx';
import { useSession } from './session-context.ts';
import { ViewHeader } from './view-header.tsx';

const POLICIES = [
  ['untrusted', 'before all but safe commands'],
  ['on-request', 'when the model asks for it'],
  ['on-failure', 'when the sandbox was in the way'],
  ['never', 'never'],
] as const;

const SANDBOXES = [
  ['read-only', 'read only'],
  ['workspace-write', 'write in the folder'],
  ['danger-full-access', 'everything, without a sandbox'],
] as const;

/** The first message, and the settings that the conversation gets where they differ from those in effect. */
export function NewConversation() {
  const { client, start } = useSession();
  const params = useSignal<NewConversationParams>({});
  const defaults = useSignal<Readonly<Record<string, string>>>({});

  useEffect(() => {
    client.call('getEffectiveConfig').then(
      ({ settings }) => {
        const known = Object.entries(settings).map(([key, { value }]) => [key, String(value ?? '')] as const);
        defaults.value = Object.fromEntries(known);
      },
      // Without them the fields say nothing of what holds; the conversation itself tells what is wrong.
      () => {},
    );
  }, [client]);

  function set(name: keyof NewConversationParams, value: string): void {
    params.value = { ...params.value, [name]: value === '' ? null : value };
  }

  return (
    <section class="new-conversation" aria-label="New conversation">
      <ViewHeader title="New conversation" />
      <div class="welcome">
        <Composer label="What is to be done?" send={(items) => start(params.value, items)} isFirst />
        <div class="fields">
          <TextField
            label="Folder"
            placeholder={defaults.value.cwd ?? 'the daemon’s own'}
            set={(v) => set('cwd', v)}
          />
          <TextField label="Model" placeholder={defaults.value.model ?? ''} set={(v) => set('model', v)} />
          <Choice
            label="Asks"
            options={POLICIES}
            usual={defaults.value.approval_policy}
            set={(v) => set('approvalPolicy', v)}
          />
          <Choice
            label="Commands may"
            options={SANDBOXES}
            usual={defaults.value.sandbox_mode}
            set={(v) => set('sandbox', v)}
          />
        </div>
      </div>
    </section>
  );
}

interface FieldParts {
  readonly label: string;
  set(value: string): void;
}

const TextField = ({ label, placeholder, set }: FieldParts & { placeholder: string }) => (
  <label class="field">
    <span>{label}</span>
    <input
      type="text"
      placeholder={placeholder}
      autocapitalize="off"
      spellcheck={false}
      onInput={({ currentTarget }) => set(currentTarget.value.trim())}
    />
  </label>
);

interface ChoiceParts extends FieldParts {
  readonly options: readonly (readonly [string, string])[];
  /** What holds when nothing is chosen. */
  readonly usual: string | undefined;
}

const Choice = ({ label, options, usual, set }: ChoiceParts) => (
  <label class="field">
    <span>{label}</span>
    <select onChange={({ currentTarget }) => set(currentTarget.value)}>
      <option value="">
        as set: {options.find(([value]) => value === usual)?.[1] ?? usual ?? 'default'}
      </option>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
