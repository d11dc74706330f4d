import { bare } from '../lib/bare.ts';
import { type BenchCase, type Measured, measureEach, type Options } from '../lib/case.ts';
import { codexd, withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { getManyTimes } from '../lib/http-calls.ts';
import type { Server } from '../lib/peer.ts';
import type { Work } from '../lib/table.ts';
import { atLeast } from '../lib/target.ts';

const MANY: Work = {
  work: 'small calls over REST, 32 connections',
  unit: '/s',
  target: atLeast(0.5, 'bare'),
};

const CONNECTIONS = 32;

/** The other contenders have no REST. */
export const restCalls: BenchCase = {
  name: 'rest-calls',
  alone: true,
  run: (_contenders, options) =>
    measureEach([codexd, bare], [MANY], (server) => measure(server, options), options.quick ? 1 : 5),
};

const measure = (server: Server, { quick }: Options): Promise<Measured> =>
  withHome((home) =>
    withPeer(server, home, async ({ door }) => {
      if (door === undefined || server.smallRoute === undefined) throw new Error('there is no REST');
      const times = quick ? 1_000 : 20_000;
      await getManyTimes(door, server.smallRoute, CONNECTIONS, times / 2);
      const took = await getManyTimes(door, server.smallRoute, CONNECTIONS, times);
      return { [MANY.work]: (times / took) * 1_000 };
    }),
  );
