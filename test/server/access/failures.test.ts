import { Agent, type IncomingMessage } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RpcError } from '../../../src/protocol/errors.ts';
import { createClientAddress } from '../../../src/server/access/client-address.ts';
import { createFailures, FAILURE_LIMITS } from '../../../src/server/access/failures.ts';
import { signIn } from '../../support/browser-session.ts';
import { type Doors, openDoors } from '../../support/doors.ts';
import { bearer, call, get } from '../../support/http.ts';

const wrong = { authorization: 'Bearer wrong' };

/** Requests on one connection that stays open. */
function oneConnection({ url }: Doors) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return (headers: Record<string, string>) => call(`${url}/v1/user-agent`, { agent, headers });
}

async function exhaust({ url }: Doors, headers: Record<string, string> = wrong): Promise<number[]> {
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 12; attempt++) {
    statuses.push((await get(`${url}/v1/user-agent`, headers)).status);
  }
  return statuses;
}

describe('SEC-RATE-1: wrong credentials', () => {
  it('are answered ten times, then told to wait', async () => {
    const doors = await openDoors();
    expect(await exhaust(doors)).toEqual([...Array(10).fill(401), 429, 429]);
    const answer = await get(`${doors.url}/v1/user-agent`, wrong);
    expect(answer.json()).toMatchObject({ code: -32001, reason: 'too_many_failures', status: 429 });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(6);
  });

  it('do not lock out who has the right one on another connection', async () => {
    const doors = await openDoors();
    const guess = oneConnection(doors);
    for (let attempt = 0; attempt < 11; attempt++) await guess(wrong);
    expect((await guess(bearer)).status).toBe(429);
    expect((await get(`${doors.url}/v1/user-agent`)).status).toBe(200);
  });

  it('that were few do not matter to the right one on the same connection', async () => {
    const ask = oneConnection(await openDoors());
    expect((await ask(wrong)).status).toBe(401);
    expect((await ask(bearer)).status).toBe(200);
  });

  it('count as much in the body of a sign-in', async () => {
    const doors = await openDoors();
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++)
      statuses.push((await signIn(doors, { code: 'no' })).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
  });

  it('are not those that are missing or ended', async () => {
    const doors = await openDoors();
    expect(new Set(await exhaust(doors, {}))).toEqual(new Set([401]));
    const ended = { cookie: `codexd_session_${doors.port}=gone` };
    expect(new Set(await exhaust(doors, ended))).toEqual(new Set([401]));
  });

  it('make one log line, with the address and no word of the credential', async () => {
    const doors = await openDoors();
    await exhaust(doors);
    const lines = doors.log.filter(({ msg }) => msg === 'a credential was refused');
    expect(lines).toMatchObject([{ address: '127.0.0.1', reason: 'credential_invalid' }]);
  });
});

/** Failures with a clock of the test's own, of requests that name their address. */
function counted() {
  let now = 0;
  const logged: string[] = [];
  const failures = createFailures({
    limits: FAILURE_LIMITS,
    addressOf: ({ url }) => url ?? '',
    onFailure: () => {},
    onNotable: (address) => logged.push(address),
    now: () => now,
  });
  const refused = new RpcError('unauthorized', 'no', { reason: 'credential_invalid' });
  const fail = (address: string) => {
    const request = { url: address, socket: {} } as IncomingMessage;
    return failures.count(request, refused) === refused;
  };
  const wait = (ms: number) => {
    now += ms;
  };
  return { fail, wait, logged };
}

describe('SEC-RATE-1: the count of wrong credentials', () => {
  it('gives an address one back every six seconds', () => {
    const { fail, wait } = counted();
    while (fail('a'));
    wait(5_999);
    expect(fail('a')).toBe(false);
    wait(6_000);
    expect([fail('a'), fail('a')]).toEqual([true, false]);
  });

  it('is kept for each address, and 60 a minute for all', () => {
    const { fail } = counted();
    const answered = Array.from({ length: 100 }, (_, index) => fail(`address ${index}`)).filter(Boolean);
    expect(answered).toHaveLength(60);
  });

  it('is logged once in ten seconds for each address', () => {
    const { fail, wait, logged } = counted();
    for (const address of ['a', 'a', 'b', 'a']) fail(address);
    wait(10_000);
    fail('a');
    expect(logged).toEqual(['a', 'b', 'a']);
  });
});

describe('SEC-HOST-3: the address of a client', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

  it.each([
    [[], '127.0.0.1', '9.9.9.9', '127.0.0.1'],
    [['10.0.0.0/8'], '127.0.0.1', '9.9.9.9', '127.0.0.1'],
    [['127.0.0.1'], '127.0.0.1', '9.9.9.9', '9.9.9.9'],
    [['127.0.0.1'], '::ffff:127.0.0.1', '9.9.9.9', '9.9.9.9'],
    [['127.0.0.1'], '127.0.0.1', '6.6.6.6, 9.9.9.9', '9.9.9.9'],
    [['127.0.0.0/8', '10.0.0.0/8'], '127.0.0.1', '6.6.6.6, 9.9.9.9, 10.1.1.1', '9.9.9.9'],
    [['127.0.0.1'], '127.0.0.1', 'nonsense', '127.0.0.1'],
    [['127.0.0.1'], '127.0.0.1', undefined, '127.0.0.1'],
    [['::1'], '::1', '2001:db8::1', '2001:db8::1'],
  ])('with %j trusted, from %s with %s, is %s', (trusted, peer, forwarded, address) => {
    expect(createClientAddress(trusted)(request(peer, forwarded))).toBe(address);
  });

  it('is not taken from headers unless a proxy is trusted', async () => {
    const doors = await openDoors();
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++) {
      const forged = {
        'x-forwarded-for': `9.9.9.${attempt}`,
        'x-real-ip': '9.9.9.9',
        forwarded: 'for=9.9.9.9',
      };
      statuses.push((await get(`${doors.url}/v1/user-agent`, { ...wrong, ...forged })).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  it('changes nothing about what is local: forwarded hosts are ignored', async () => {
    const doors = await openDoors({ exposure: { trustedProxies: ['127.0.0.1'] } });
    const forged = { 'x-forwarded-host': 'localhost', forwarded: 'host=localhost;proto=https' };
    const answer = await get(`${doors.url}/v1/user-agent`, { ...bearer, host: 'evil.example', ...forged });
    expect(answer.status).toBe(421);
  });
});
