import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLog } from '../../src/rpc/event-log.ts';
import { OutboxPool } from '../../src/server/outbox-pool.ts';
import { ReplayClient, type Snapshot } from '../support/replay/client.ts';

const RUNS = Number(process.env.REPLAY_RUNS ?? 2_000);
const seed = Number(process.env.REPLAY_SEED ?? Math.floor(Math.random() * 2 ** 31));
const CLIENTS = 5;
const ALL = Number.POSITIVE_INFINITY;

type Step =
  | { kind: 'publish'; durable: boolean; count: number; startsTurn: boolean }
  | { kind: 'connect' | 'disconnect'; client: number }
  | { kind: 'read'; client: number; count: number }
  | { kind: 'restart' };

const client = fc.nat(CLIENTS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      durable: fc.boolean(),
      count: fc.integer({ min: 1, max: 6 }),
      startsTurn: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('connect', 'disconnect'), client }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      client,
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

const bounds = fc.record({
  events: fc.integer({ min: 0, max: 30 }),
  size: fc.integer({ min: 300, max: 6_000 }),
  frames: fc.integer({ min: 1, max: 12 }),
  window: fc.integer({ min: 1, max: 2_000 }),
});

/** One conversation: what is stored of it, and the log of its present loading. */
class World {
  readonly stored: number[] = [];
  readonly clients: ReplayClient[];
  readonly #bounds: { events: number; size: number };
  #log: EventLog;
  #loadings = 0;
  #pieces = 0;

  constructor(limits: { events: number; size: number; frames: number; window: number }) {
    this.#bounds = limits;
    this.#log = this.#load();
    const pool = new OutboxPool();
    this.clients = Array.from({ length: CLIENTS }, () => new ReplayClient(pool, limits));
  }

  #load(): EventLog {
    this.#loadings += 1;
    const origin = `stored${this.#loadings}-${this.stored.length}`;
    return new EventLog('c', { origin, bounds: this.#bounds });
  }

  readonly snapshot = (): Snapshot => ({ items: this.stored, lastEventId: this.#log.lastEventId });

  take(next: Step): void {
    switch (next.kind) {
      case 'publish':
        for (let count = 0; count < next.count; count++) this.#publish(next.durable, next.startsTurn);
        return;
      case 'connect':
        this.#at(next.client).connect(this.#log, this.snapshot);
        return;
      case 'disconnect':
        this.#at(next.client).disconnect();
        return;
      case 'read':
        this.#at(next.client).read(next.count, this.snapshot);
        return;
      case 'restart':
        for (const each of this.clients) each.disconnect();
        this.#log = this.#load();
    }
  }

  /** What is stored is stored before anybody hears of it. */
  #publish(durable: boolean, startsTurn: boolean): void {
    if (durable) this.stored.push(this.stored.length);
    else this.#pieces += 1;
    const [method, msg] = durable
      ? ['codex/event/agent_message', { type: 'agent_message', item: this.stored.length - 1 }]
      : ['codex/event/agent_message_delta', { type: 'agent_message_delta', delta: `${this.#pieces} ` }];
    this.#log.publish(String(method), { id: '0', msg, conversationId: 'c' }, { startsTurn });
  }

  /** Everybody comes back and reads to the end. */
  async settle(): Promise<void> {
    for (const each of this.clients) {
      do {
        each.connect(this.#log, this.snapshot);
        await setImmediate();
        each.read(ALL, this.snapshot);
      } while (!each.isConnected || each.hasUnread);
    }
  }

  #at(index: number): ReplayClient {
    const found = this.clients[index];
    if (!found) throw new Error(`no client ${index}`);
    return found;
  }
}

const isRising = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? ALL));

describe('replay', () => {
  it('REL-LOG-3 REL-LOG-4 REL-LOG-6: whatever happens, each client has what is stored, once and in order', {
    timeout: 60_000 + RUNS * 20,
  }, async () => {
    console.log(`REPLAY_SEED=${seed} REPLAY_RUNS=${RUNS}`);
    const schedule = fc.array(step, { maxLength: 80 });
    const property = fc.asyncProperty(schedule, bounds, async (steps, limits) => {
      const world = new World(limits);
      for (const next of steps) {
        world.take(next);
        await setImmediate();
        for (const { items, pieces } of world.clients) {
          expect(items).toEqual(world.stored.slice(0, items.length));
          expect(isRising(pieces)).toBe(true);
        }
      }
      await world.settle();
      for (const { items } of world.clients) expect(items).toEqual(world.stored);
    });
    await fc.assert(property, { numRuns: RUNS, seed });
  });

  it('REL-LOG-5: a log over its cap merges deltas, and gives exactly what is missing after any id in them', () => {
    const log = new EventLog('c', { bounds: { events: 100_000, size: 60_000 } });
    const ids: string[] = [];
    for (let count = 0; count < 2_000; count++) {
      const msg = { type: 'agent_message_delta', delta: `${count} ` };
      const frame = log.publish('codex/event/agent_message_delta', { id: '0', msg, conversationId: 'c' });
      ids.push(frame.eventId ?? '');
    }
    for (const [number, after] of ids.entries()) {
      const frames = log.backlog({ after });
      const text = frames.map((frame) => (frame.params as { msg: { delta: string } }).msg.delta).join('');
      expect(text).toBe(
        Array.from({ length: 1_999 - number }, (_, index) => `${number + 1 + index} `).join(''),
      );
      if (number < 1_999) expect(frames.at(-1)?.eventId).toBe(log.lastEventId);
    }
    expect(log.backlog({ after: log.startEventId }).length).toBeLessThan(700);
  });

  it('REL-LOG-5: keeps the bytes of output when it merges, and no piece beyond what the protocol allows', () => {
    const log = new EventLog('c', { bounds: { events: 100_000, size: 120_000 } });
    const output = Buffer.from(Array.from({ length: 30_000 }, (_, index) => index % 251));
    for (let at = 0; at < output.length; at += 20) {
      const chunk = output.subarray(at, at + 20).toString('base64');
      const msg = { type: 'exec_command_output_delta', call_id: 'a', stream: 'stdout', chunk };
      log.publish('codex/event/exec_command_output_delta', { id: '0', msg, conversationId: 'c' });
    }
    const chunks = log.backlog({ after: log.startEventId }).map(({ params }) => {
      return Buffer.from((params as { msg: { chunk: string } }).msg.chunk, 'base64');
    });
    expect(Buffer.concat(chunks).equals(output)).toBe(true);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(8_192);
  });

  it('what nobody heard is given once, also when a part of it was merged with what somebody heard', () => {
    const log = new EventLog('c', { bounds: { events: 100_000, size: 60_000 } });
    const deltas: string[] = [];
    const sink = { deliver: () => {} };
    log.attach(sink, 'unheard');
    for (let count = 0; count < 1_000; count++) {
      if (count === 500) log.detach(sink);
      const msg = { type: 'agent_message_delta', delta: `${count} ` };
      log.publish('codex/event/agent_message_delta', { id: '0', msg, conversationId: 'c' });
    }
    log.attach(
      { deliver: (frame) => void deltas.push((frame.params as { msg: { delta: string } }).msg.delta) },
      'unheard',
    );
    expect(deltas.join('')).toBe(Array.from({ length: 500 }, (_, index) => `${index + 500} `).join(''));
  });
});
