import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from '../state/session.ts';

const SessionContext = createContext<Session | undefined>(undefined);

export const SessionProvider = SessionContext.Provider;

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('this is shown within a session only');
  return session;
}
