/** The one documented line that gets a `curl` user going (public interface, section 3; SEC-DISC-1). */
export const FIRST_REQUEST = 'curl -H "Authorization: Bearer $(codexd token)" $(codexd url)/v1/user-agent';

/** The same for scripts on this machine, through the unix socket, which needs no token. */
export const FIRST_SOCKET_REQUEST =
  'curl --unix-socket "$(codexd url --json | jq -r .socket)" http://codexd/v1/user-agent';
