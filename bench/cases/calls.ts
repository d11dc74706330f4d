import { bare } from '../lib/bare.ts';
import { callManyTimes } from '../lib/calls.ts';
import { type BenchCase, type Measured, measureEach, type Options } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import type { Request, Server } from '../lib/peer.ts';
import type { Work } from '../lib/table.ts';
import { atMost, noLessThan } from '../lib/target.ts';

const ONE: Work = {
  work: 'small call over WebSocket, one at a time',
  unit: 'ms',
  target: atMost(1, '0.36.0'),
};
const MANY: Work = {
  work: 'small calls over WebSocket, 32 in flight',
  unit: '/s',
  target: noLessThan(40_000, '/s'),
};

/** The one small call that both generations of the protocol have; `getUserAgent` of 0.36.0 starts a program each time. */
const CALL: Request = { method: 'getAuthStatus', params: {} };
const IN_FLIGHT = 32;

/** 0.36.0 has stdio instead of the WebSocket. */
export const calls: BenchCase = {
  name: 'calls',
  run: (contenders, options) =>
    measureEach(
      [...contenders, bare],
      [ONE, MANY],
      (server) => measure(server, options),
      options.quick ? 1 : 5,
    ),
};

const measure = (server: Server, { quick }: Options): Promise<Measured> =>
  withHome((home) =>
    withPeer(server, home, async ({ wire }) => {
      const times = quick ? 500 : 5_000;
      await callManyTimes(wire, CALL, IN_FLIGHT, times);
      const alone = await callManyTimes(wire, CALL, 1, times);
      const together = 4 * times;
      const took = await callManyTimes(wire, CALL, IN_FLIGHT, together);
      return { [ONE.work]: alone / times, [MANY.work]: (together / took) * 1_000 };
    }),
  );
