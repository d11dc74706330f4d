import { signal } from '@preact/signals';

export type Route =
  | { readonly name: 'list' | 'new' | 'settings' | 'clients' | 'account' }
  | { readonly name: 'conversation'; readonly id: string };

const PLACES = ['new', 'settings', 'clients', 'account'] as const;
const CONVERSATION = /^#\/conversations\/([0-9a-f-]{36})$/i;

export function readRoute(hash: string): Route {
  const id = CONVERSATION.exec(hash)?.[1];
  if (id !== undefined) return { name: 'conversation', id: id.toLowerCase() };
  const place = PLACES.find((name) => hash === `#/${name}`);
  return { name: place ?? 'list' };
}

export const route = signal<Route>(readRoute(location.hash));

addEventListener('hashchange', () => {
  route.value = readRoute(location.hash);
});

export const conversationLink = (id: string): string => `#/conversations/${id}`;

export function goTo(hash: string): void {
  location.hash = hash;
}
