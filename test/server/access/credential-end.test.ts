import { describe, expect, it } from 'vitest';
import { signedIn, signIn } from '../../support/browser-session.ts';
import { openDoors, TOKEN } from '../../support/doors.ts';
import { openEvents } from '../../support/event-source.ts';
import { bearer, get } from '../../support/http.ts';
import { openWebSocket } from '../../support/websocket.ts';

const NEW = 'cdx_another-token-with-many-different-characters-0';

describe('SEC-TOK-7: when the token changes', () => {
  it('the old one is refused and the new one taken at once', async () => {
    const { url, keyring } = await openDoors();
    keyring.changeToken(NEW);
    const refused = await get(`${url}/v1/user-agent`);
    expect([refused.status, refused.json()]).toMatchObject([401, { reason: 'credential_invalid' }]);
    expect((await get(`${url}/v1/user-agent`, { authorization: `Bearer ${NEW}` })).status).toBe(200);
  });

  it('every socket, stream, session and code of the old one ends', async () => {
    const doors = await openDoors();
    const { url, keyring } = doors;
    const cookie = await signedIn(doors);
    const code = keyring.codes.mint();
    const sockets = [await openWebSocket(url), await openWebSocket(url, { headers: cookie, origin: url })];
    const streams = [
      await openEvents(`${url}/v1/events`),
      await openEvents(`${url}/v1/events`, { origin: url }, cookie),
    ];
    keyring.changeToken(NEW);
    for (const socket of sockets) expect(await socket.closed).toEqual([1008, 'credential ended']);
    for (const stream of streams) expect(await stream.rest()).toEqual([]);
    const expired = await get(`${url}/v1/user-agent`, cookie);
    expect([expired.status, expired.json()]).toMatchObject([401, { reason: 'session_expired' }]);
    expect((await signIn(doors, { code })).json()).toMatchObject({ reason: 'bootstrap_invalid' });
    expect(doors.hub.clients.size).toBe(0);
  });

  it('what the new one and the unix socket open stays', async () => {
    const doors = await openDoors();
    doors.keyring.changeToken(NEW);
    const peer = await openWebSocket(doors.url, { headers: { authorization: `Bearer ${NEW}` } });
    expect(await peer.call('getUserAgent')).toHaveProperty('result');
    expect(peer.socket.readyState).toBe(peer.socket.OPEN);
  });

  it('to none, nothing is taken', async () => {
    const { url, keyring } = await openDoors();
    keyring.changeToken(undefined);
    for (const token of [TOKEN, '', 'undefined']) {
      expect((await get(`${url}/v1/user-agent`, { authorization: `Bearer ${token}` })).status).toBe(401);
    }
    keyring.changeToken(TOKEN);
    expect((await get(`${url}/v1/user-agent`, bearer)).status).toBe(200);
  });
});
