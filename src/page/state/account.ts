import { signal } from '@preact/signals';
import type { Client } from '../../client/client.ts';
import type { Result } from '../../protocol/registry.ts';
import { explain } from './problem.ts';

export interface PendingLogin {
  readonly loginId: string;
  readonly authUrl: string;
}

/** Who is signed in to the model provider: the same for all clients, and told by whichever of them changes it. */
export function createAccount(client: Client) {
  const status = signal<Result<'getAuthStatus'> | undefined>(undefined);
  const email = signal<string | undefined>(undefined);
  const login = signal<PendingLogin | undefined>(undefined);
  const problem = signal<string | undefined>(undefined);

  async function refresh(): Promise<void> {
    try {
      const [found, { allegedUserEmail }] = await Promise.all([
        client.call('getAuthStatus'),
        client.call('userInfo'),
      ]);
      status.value = found;
      email.value = allegedUserEmail ?? undefined;
    } catch (error) {
      problem.value = explain(error);
    }
  }

  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    problem.value = undefined;
    try {
      await work();
      return true;
    } catch (error) {
      problem.value = explain(error);
      return false;
    }
  }

  client.onNotification(({ method, params }) => {
    if (method === 'authStatusChange') void refresh();
    if (method !== 'loginChatGptComplete' || params.loginId !== login.value?.loginId) return;
    login.value = undefined;
    if (!params.success) problem.value = params.error ?? 'The login was not completed.';
  });
  client.onState((state) => state === 'connected' && void refresh());
  void refresh();

  return {
    status,
    email,
    login,
    problem,
    withApiKey: (apiKey: string) => attempt(() => client.call('loginApiKey', { apiKey })),
    withChatGpt: () =>
      attempt(async () => {
        login.value = await client.call('loginChatGpt');
      }),
    cancel: () =>
      attempt(async () => {
        const loginId = login.value?.loginId;
        login.value = undefined;
        if (loginId !== undefined) await client.call('cancelLoginChatGpt', { loginId });
      }),
    logout: () => attempt(() => client.call('logoutChatGpt')),
  };
}

export type Account = ReturnType<typeof createAccount>;
