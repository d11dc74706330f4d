import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReviewDecision } from '../../src/protocol/vocabulary/policies.ts';
import type { Sink } from '../../src/rpc/event-log.ts';
import type { Frame } from '../../src/rpc/frame.ts';
import { Hub } from '../../src/rpc/hub.ts';
import { PendingApprovals } from '../../src/rpc/pending-approvals.ts';

const CONVERSATION = '11111111-2222-4333-8444-555555555555';

const question = (callId: string) => ({
  conversationId: CONVERSATION,
  callId,
  method: 'execCommandApproval' as const,
  params: { command: ['x'] },
});

interface Listener extends Sink {
  methods: string[];
}

function listener(): Listener {
  const methods: string[] = [];
  return { methods, deliver: (frame: Frame) => void methods.push(frame.method) };
}

function setUp(listeners = 1) {
  const hub = new Hub();
  hub.open(CONVERSATION);
  const approvals = new PendingApprovals(hub);
  const sinks = Array.from({ length: listeners }, listener);
  for (const sink of sinks) hub.follow(CONVERSATION, sink, 'unheard', () => {});
  return { hub, approvals, sinks };
}

describe('pending approvals', () => {
  test('REL-AP-3: a question that nobody has listened to for too long is denied; an answer before wins', async () => {
    const hub: Hub = new Hub((id) => approvals.unattended(id));
    const approvals = new PendingApprovals(hub, { unattendedMs: 100 });
    hub.open(CONVERSATION);
    const signal = new AbortController().signal;
    const leave = hub.follow(CONVERSATION, listener(), 'unheard', () => {});
    const [left, answered] = [approvals.ask(question('a'), signal), approvals.ask(question('b'), signal)];
    approvals.answer(approvals.list()[1]?.approvalId ?? '', 'approved');
    await pause(250);
    expect(approvals.list()).toHaveLength(1);
    leave();
    expect(await Promise.all([left, answered])).toEqual(['denied', 'approved']);
  });

  test('one answer never resolves another question', async () => {
    const { approvals } = setUp();
    const signal = new AbortController().signal;
    const [first, second] = [approvals.ask(question('a'), signal), approvals.ask(question('b'), signal)];
    const [a, b] = approvals.list();
    approvals.answer(b?.approvalId ?? '', 'denied');
    expect(await second).toBe('denied');
    expect(approvals.list().map(({ callId }) => callId)).toEqual(['a']);
    approvals.answer(a?.approvalId ?? '', 'approved');
    expect(await first).toBe('approved');
  });

  test('a withdrawn question is gone, and whoever asked gets the reason', async () => {
    const { approvals, sinks } = setUp();
    const controller = new AbortController();
    const asked = approvals.ask(question('a'), controller.signal);
    const [open] = approvals.list();
    controller.abort(new Error('interrupted'));
    await expect(asked).rejects.toThrow('interrupted');
    expect(approvals.list()).toEqual([]);
    expect(() => approvals.answer(open?.approvalId ?? '', 'approved')).toThrow('already answered: abort');
    expect(sinks[0]?.methods).toEqual(['execCommandApproval', 'approvalResolved']);
  });

  test('a question that is over is not shown to those who come later', async () => {
    const { hub, approvals } = setUp();
    const asked = approvals.ask(question('a'), new AbortController().signal);
    approvals.answer(approvals.list()[0]?.approvalId ?? '', 'denied');
    await asked;
    const late = listener();
    hub.follow(CONVERSATION, late, 'unheard', () => {});
    expect(late.methods).not.toContain('execCommandApproval');
  });

  test('REL-AP-5 whatever comes first wins, everybody is told the same, and only once', async () => {
    type Step = { by: 'rest' | 'socket' | 'interrupt'; decision: ReviewDecision };
    const step: fc.Arbitrary<Step> = fc.record({
      by: fc.constantFrom('rest', 'socket', 'interrupt'),
      decision: fc.constantFrom('approved', 'denied', 'abort'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        const { approvals, sinks } = setUp(3);
        const controller = new AbortController();
        const asked = approvals.ask(question('a'), controller.signal).catch(() => 'withdrawn');
        const [open] = approvals.list();
        for (const { by, decision } of steps) {
          if (by === 'interrupt') controller.abort();
          if (by === 'socket' && sinks[0]) approvals.respond(sinks[0], { id: 0, result: { decision } });
          if (by !== 'rest') continue;
          try {
            approvals.answer(open?.approvalId ?? '', decision);
          } catch (error) {
            expect(error).toMatchObject({ status: 409 });
          }
        }
        const [first] = steps;
        expect(await asked).toBe(steps.some(({ by }) => by === 'interrupt') ? 'withdrawn' : first?.decision);
        expect(approvals.list()).toEqual([]);
        const told = sinks.map(({ methods }) => methods.filter((name) => name === 'approvalResolved').length);
        expect(told).toEqual([first?.by === 'socket' ? 0 : 1, 1, 1]);
      }),
    );
  });
});
