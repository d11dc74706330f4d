import { RpcError } from '../../protocol/errors.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import { translating } from '../errors.ts';
import type { Services } from '../services.ts';

type Names =
  | 'getAuthStatus'
  | 'userInfo'
  | 'loginApiKey'
  | 'loginChatGpt'
  | 'cancelLoginChatGpt'
  | 'logoutChatGpt';

export function authHandlers({ auth, daemonConfig }: Services): Pick<Handlers, Names> {
  const { requiresOpenaiAuth } = daemonConfig.modelProvider;

  return {
    async getAuthStatus({ includeToken, refreshToken }) {
      const refresh = refreshToken ?? false;
      // Without a need for it the login is left alone, unless it is to be refreshed.
      if (!requiresOpenaiAuth && !refresh) return { requiresOpenaiAuth };
      const { method, token } = await auth.credential.status({ refresh });
      if (!requiresOpenaiAuth || method === undefined) return { requiresOpenaiAuth };
      return {
        authMethod: method,
        ...(includeToken && token !== undefined && { authToken: token }),
        requiresOpenaiAuth,
      };
    },

    async userInfo() {
      return { allegedUserEmail: (await auth.allegedEmail()) ?? null };
    },

    async loginApiKey({ apiKey }) {
      await translating(() => auth.loginApiKey(apiKey));
      return {};
    },

    loginChatGpt: () => translating(() => auth.loginChatGpt()),

    cancelLoginChatGpt({ loginId }) {
      if (auth.cancelLogin(loginId.toLowerCase())) return {};
      throw new RpcError('notFound', `login id not found: ${loginId}`, { reason: 'login_not_found' });
    },

    async logoutChatGpt() {
      await translating(() => auth.logout());
      return {};
    },
  };
}
