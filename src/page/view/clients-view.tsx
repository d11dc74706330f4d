import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Result } from '../../protocol/registry.ts';
import { explain } from '../state/problem.ts';
import { conversationLink } from '../state/route.ts';
import { Visible } from '../text/visible.tsx';
import { SCROLLABLE } from './scrollable.ts';
import { useSession } from './session-context.ts';
import { ViewHeader } from './view-header.tsx';

type ConnectedClient = Result<'listClients'>['items'][number];

/** Milliseconds between looks; nobody is told of clients that come and go. */
const INTERVAL = 2_000;

export function ClientsView() {
  const { client, list } = useSession();
  const clients = useSignal<readonly ConnectedClient[]>([]);
  const problem = useSignal('');

  useEffect(() => {
    async function look(): Promise<void> {
      try {
        clients.value = (await client.call('listClients')).items;
        problem.value = '';
      } catch (error) {
        problem.value = explain(error);
      }
    }
    void look();
    const timer = setInterval(() => void look(), INTERVAL);
    return () => clearInterval(timer);
  }, [client]);

  const previews = new Map(list.found.value.map(({ conversationId, preview }) => [conversationId, preview]));
  return (
    <section class="panel" aria-label="Clients">
      <ViewHeader title="Connected clients" detail={`${clients.value.length} connections`} />
      <div class="panel-body" {...SCROLLABLE}>
        {problem.value && <p class="problem">{problem.value}</p>}
        <ul class="clients">
          {clients.value.map((each) => (
            <li key={each.clientId}>
              <ClientEntry client={each} previews={previews} />
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

interface EntryParts {
  readonly client: ConnectedClient;
  readonly previews: ReadonlyMap<string, string>;
}

function ClientEntry({ client, previews }: EntryParts) {
  const { name = 'unnamed', version = '', transport, connectedAt, listensTo, queuedBytes } = client;
  return (
    <>
      <p>
        <strong>
          <Visible text={name} />
        </strong>{' '}
        <Visible text={version} />
        <span class="badge">{transport === 'sse' ? 'event stream' : 'WebSocket'}</span>
      </p>
      <p class="facts">
        since {new Date(connectedAt).toLocaleTimeString()}
        {queuedBytes > 0 && `, ${queuedBytes} bytes wait for it`}
      </p>
      {listensTo.map((id) => (
        <p key={id} class="listens">
          <a href={conversationLink(id)}>
            <Visible text={(previews.get(id) ?? id).slice(0, 100)} />
          </a>
        </p>
      ))}
    </>
  );
}
