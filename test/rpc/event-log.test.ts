import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLog, type Sink } from '../../src/rpc/event-log.ts';
import type { Frame } from '../../src/rpc/frame.ts';
import { membersOf } from '../../src/rpc/json-members.ts';
import { StandingListener } from '../../src/rpc/standing-listener.ts';

const GAP = 'codex/event/gap';
const CLIENTS = 4;

interface Recorder extends Sink {
  readonly frames: Frame[];
}

function recorder(): Recorder {
  const frames: Frame[] = [];
  return { frames, deliver: (frame) => frames.push(frame) };
}

const numbers = (frames: readonly Frame[]): number[] =>
  frames.map((frame) => JSON.parse(String(frame.plain?.text)).params.number);

type Step =
  | { kind: 'publish'; startsTurn: boolean }
  | { kind: 'publish together'; count: number }
  | { kind: 'attach'; client: number; resume: boolean }
  | { kind: 'detach'; client: number };

const client = fc.nat(CLIENTS - 1);
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('publish' as const), startsTurn: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('publish together' as const),
        count: fc.integer({ min: 0, max: 5 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('attach' as const), client, resume: fc.boolean() }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('detach' as const), client }) },
  ),
  { maxLength: 60 },
) as fc.Arbitrary<Step[]>;

/** The contract, kept the simple way: every event for ever, and who has heard what. */
class Model {
  count = 0;
  unheard: number[] = [];
  /** What each attached client must have received since it attached. */
  readonly attached = new Map<number, number[]>();
  /** Last event of each client, attached or not; what it resumes from. */
  readonly last = new Map<number, number>();

  publish(): void {
    this.count += 1;
    if (this.attached.size === 0) this.unheard.push(this.count);
    for (const [id, received] of this.attached) {
      received.push(this.count);
      this.last.set(id, this.count);
    }
  }

  attach(id: number, resume: boolean): number[] {
    const from = this.last.get(id);
    const backlog = resume && from !== undefined ? range(from + 1, this.count) : this.unheard;
    if (backlog === this.unheard) this.unheard = [];
    this.attached.set(id, [...backlog]);
    this.last.set(id, backlog.at(-1) ?? from ?? this.count);
    return backlog;
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

describe('an event log', () => {
  it('REL-LOG-4: gives every client what it missed and then the live events, each once and in order', () => {
    fc.assert(
      fc.property(steps, (schedule) => {
        const log = new EventLog('c');
        const model = new Model();
        const sinks = new Map<number, Recorder>();
        const ids = new Map<number, string>([[0, log.lastEventId]]);
        for (const step of schedule) {
          if (step.kind === 'publish') {
            model.publish();
            const frame = log.publish('m', { number: model.count }, { startsTurn: step.startsTurn });
            ids.set(model.count, frame.eventId ?? '');
          } else if (step.kind === 'publish together') {
            const members = Array.from({ length: step.count }, () => {
              model.publish();
              return membersOf({ number: model.count });
            });
            const first = model.count - step.count + 1;
            for (const [index, frame] of log.publishAll('m', members).entries())
              ids.set(first + index, frame.eventId ?? '');
          } else if (step.kind === 'detach') {
            const sink = sinks.get(step.client);
            if (sink) log.detach(sink);
            sinks.delete(step.client);
            model.attached.delete(step.client);
          } else if (!sinks.has(step.client)) {
            const from = step.resume ? model.last.get(step.client) : undefined;
            model.attach(step.client, step.resume);
            const sink = recorder();
            log.attach(sink, from === undefined ? 'unheard' : { after: ids.get(from) ?? '' });
            sinks.set(step.client, sink);
          }
          for (const [id, sink] of sinks) expect(numbers(sink.frames)).toEqual(model.attached.get(id));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('REL-LOG-5: keeps the bounds, and resumes from every event that it still holds', () => {
    const schedule = fc.array(fc.boolean(), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(schedule, fc.integer({ min: 1, max: 20 }), (turns, events) => {
        const log = new EventLog('c', { bounds: { events, size: 1e6 } });
        const ids = [log.lastEventId];
        for (const [index, startsTurn] of turns.entries()) {
          ids.push(log.publish('m', { number: index + 1 }, { startsTurn }).eventId ?? '');
        }
        const turnStart = turns.lastIndexOf(true) + 1 || 1;
        const firstHeld = Math.max(1, Math.min(turnStart, turns.length - events + 1));
        for (const [number, after] of ids.entries()) {
          const sink = recorder();
          log.attach(sink, { after });
          log.detach(sink);
          if (number >= firstHeld - 1) expect(numbers(sink.frames)).toEqual(range(number + 1, turns.length));
          else expect(sink.frames).toMatchObject([{ method: GAP, eventId: undefined }]);
        }
      }),
    );
  });

  it('REL-LOG-5: holds exactly as many events as its bound, turn after long turn', () => {
    const log = new EventLog('c', { bounds: { events: 100, size: 1e6 } });
    let last = 0;
    for (const length of [1_000, 1, 299, 700, 40]) {
      const ids = [log.lastEventId];
      for (let number = 1; number <= length; number++) {
        last += 1;
        ids.push(log.publish('m', { number: last }, { startsTurn: number === 1 }).eventId ?? '');
      }
      log.publish('m', { number: ++last }, { startsTurn: true });
      const held = ids.filter((after) => log.backlog({ after })[0]?.method !== GAP);
      expect(held).toHaveLength(Math.min(length + 1, 100));
      expect(numbers(log.backlog({ after: held[0] ?? '' }))).toEqual(range(last - held.length + 1, last));
    }
  });

  it('drops events of the running turn when they are too large, and says so once', () => {
    const log = new EventLog('c', { bounds: { events: 100, size: 1_000 } });
    log.publish('m', { number: 1 }, { startsTurn: true });
    for (let number = 2; number <= 50; number++) log.publish('m', { number, text: 'x'.repeat(100) });
    const sink = recorder();
    log.attach(sink, 'unheard');
    expect(sink.frames.map(({ method }) => method)).toEqual([GAP]);
    expect(JSON.parse(String(sink.frames[0]?.plain?.text))).toMatchObject({
      params: { conversationId: 'c', lastEventId: log.lastEventId },
    });
    const next = recorder();
    log.attach(next, 'unheard');
    log.publish('m', { number: 51 });
    expect(numbers(next.frames)).toEqual([51]);
  });

  it('hands what comes together to those who take it so, also through a listener that others read', () => {
    const log = new EventLog('c');
    const taken: (readonly Frame[])[] = [];
    const together: Sink = {
      deliver: () => expect.unreachable(),
      deliverAll: (frames) => taken.push(frames),
    };
    const one = recorder();
    const listener = new StandingListener(log, 'unheard');
    listener.read(together, undefined, () => {});
    for (const sink of [together, one]) log.attach(sink, 'unheard');
    const frames = log.publishAll(
      'm',
      [1, 2, 3].map((number) => membersOf({ number })),
    );
    expect(taken).toEqual([frames, frames]);
    expect(taken[0]).toBe(taken[1]);
    expect(numbers(one.frames)).toEqual([1, 2, 3]);
  });

  it('goes on, for a listener that was left, after the last of what came together', () => {
    const log = new EventLog('c');
    const listener = new StandingListener(log, 'unheard');
    const leave = listener.read(recorder(), undefined, () => {});
    log.publishAll(
      'm',
      [1, 2].map((number) => membersOf({ number })),
    );
    leave();
    log.publish('m', { number: 3 });
    const next = recorder();
    listener.read(next, undefined, () => {});
    expect(numbers(next.frames)).toEqual([3]);
  });

  it.each(['other-1', 'abc123def456-0', ''])('REL-LOG-6: answers the foreign id %j with a gap', (after) => {
    const log = new EventLog('c');
    log.publish('m', { number: 1 });
    const sink = recorder();
    log.attach(sink, { after });
    expect(sink.frames.map(({ method }) => method)).toEqual([GAP]);
  });

  it('answers an id from its own future with a gap', () => {
    const log = new EventLog('c');
    const { eventId = '' } = log.publish('m', { number: 1 });
    const sink = recorder();
    log.attach(sink, { after: eventId.replace(/1$/, '2') });
    expect(sink.frames.map(({ method }) => method)).toEqual([GAP]);
  });

  it('REL-LOG-1: serialises an event once for all who receive it', () => {
    const log = new EventLog('c');
    const [first, second] = [recorder(), recorder()];
    log.attach(first, 'unheard');
    log.attach(second, 'unheard');
    log.publish('m', { number: 1 });
    expect(first.frames).toHaveLength(1);
    expect(first.frames[0]).toBe(second.frames[0]);
  });
});
