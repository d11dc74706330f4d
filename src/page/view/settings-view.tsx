import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Result } from '../../protocol/registry.ts';
import { explain } from '../state/problem.ts';
import { Visible } from '../text/visible.tsx';
import { SCROLLABLE } from './scrollable.ts';
import { useSession } from './session-context.ts';
import { ViewHeader } from './view-header.tsx';

type Settings = Result<'getEffectiveConfig'>['settings'];
type Origin = Settings[string]['origin'];

const ORIGINS: Readonly<Record<Origin, string>> = {
  default: 'default',
  file: 'config.toml',
  profile: 'profile',
  cli: 'command line',
  'config-param': 'request',
  param: 'request',
  environment: 'environment',
};

/** What a new conversation gets, and where each of it comes from. */
export function SettingsView() {
  const { client } = useSession();
  const settings = useSignal<Settings>({});
  const server = useSignal<Result<'getServerInfo'> | undefined>(undefined);
  const problem = useSignal('');

  useEffect(() => {
    const fail = (error: unknown): void => {
      problem.value = explain(error);
    };
    client.call('getEffectiveConfig').then((answer) => {
      settings.value = answer.settings;
    }, fail);
    client.call('getServerInfo').then((answer) => {
      server.value = answer;
    }, fail);
  }, [client]);

  return (
    <section class="panel" aria-label="Settings">
      <ViewHeader
        title="Settings in effect"
        detail="for new conversations; config.toml is read anew each time"
      />
      <div class="panel-body" {...SCROLLABLE}>
        {problem.value && <p class="problem">{problem.value}</p>}
        {server.value && <ServerFacts server={server.value} />}
        <table class="settings">
          <thead>
            <tr>
              <th scope="col">Setting</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(settings.value).map(([key, { value, origin }]) => (
              <tr key={key} class={origin === 'default' ? 'usual' : ''}>
                <th scope="row">
                  <code>
                    <Visible text={key} />
                  </code>
                </th>
                <td>
                  <Visible text={Array.isArray(value) ? value.join(', ') : String(value ?? '–')} />
                </td>
                <td class="origin">{ORIGINS[origin]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function ServerFacts({ server: { version, sandbox, startedAt } }: { server: Result<'getServerInfo'> }) {
  return (
    <p class="facts">
      codexd {version}, since {new Date(startedAt).toLocaleString()}. Commands are confined with{' '}
      {sandbox.kind}.{sandbox.kind === 'none' && ` ${sandbox.reason ?? ''} ${sandbox.remedy ?? ''}`}
    </p>
  );
}
