import { setTimeout as sleep } from 'node:timers/promises';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { InputItem, MessageItem, ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { ReviewDecision } from '../../protocol/vocabulary/policies.ts';
import { allDone } from '../all-done.ts';
import type { ApprovalRequest } from '../approvals.ts';
import type { Config } from '../config/types.ts';
import { toUserMessage, toUserMessageEvent } from '../context/user-input.ts';
import { type Host, withOwnProcesses } from '../host.ts';
import { modelFamily } from '../model/family.ts';
import { createTurnDiffTracker } from '../patch/turn-diff.ts';
import { baseInstructions } from '../prompts/instructions.ts';
import type { MessageTexts } from '../rollout/message-texts.ts';
import { toolSpecs } from '../tools/specs.ts';
import { untilAborted } from '../until-aborted.ts';
import { ActiveTurn } from './active-turn.ts';
import { approvalEvent } from './approval-event.ts';
import { compactedHistory } from './compacted-history.ts';
import { taskStarted } from './context-window.ts';
import type { ConversationParts, LoadedFrom } from './conversation-parts.ts';
import { ConversationError } from './errors.ts';
import { explainFailure } from './explain-failure.ts';
import { isPassing, isStored, Journal } from './journal.ts';
import { notifyTurnComplete } from './notify.ts';
import type { Progress } from './progress.ts';
import { QUESTION } from './progress-sources.ts';
import { settingsOf } from './settings-of.ts';
import { StallError } from './stall-error.ts';
import { runTurn, type TurnSettings, type TurnWorld } from './turn.ts';
import { TurnNote } from './turn-note.ts';
import { withProgram } from './with-program.ts';

/** In milliseconds. */
const ABORT_PATIENCE_MS = 1_000;
const TURN_ABORTED: EventMsg = { type: 'turn_aborted', reason: 'interrupted' };

/** One loaded conversation: its history, its file, and at most one running turn. */
export class Conversation {
  readonly id: string;
  readonly config: Config;
  readonly #parts: ConversationParts;
  readonly #journal: Journal;
  readonly #note: TurnNote;
  readonly progress: Progress;
  #turn: ActiveTurn | undefined;
  #shutDown: Promise<void> | undefined;

  constructor(parts: ConversationParts) {
    this.id = parts.id;
    this.config = parts.config;
    this.#parts = parts;
    this.progress = parts.progress;
    this.#journal = new Journal(parts.rollout, parts.readHistory, parts.messages);
    this.#note = new TurnNote({
      conversationId: parts.id,
      openTurns: parts.openTurns,
      journal: this.#journal,
      isDurable: parts.config.durability !== 'off',
    });
  }

  get userAgent(): string {
    return this.#parts.userAgent;
  }

  get opening(): readonly ResponseItem[] {
    return this.#parts.opening;
  }

  get loadedFrom(): LoadedFrom | undefined {
    return this.#parts.loadedFrom;
  }

  get rolloutPath(): string {
    return this.#journal.path;
  }

  get turn(): { id: string; startedAt: Date; storedBefore: number } | undefined {
    return this.#turn;
  }

  /** Tells what is missing from the start, and from now on what happens to the file. */
  announce(): void {
    for (const { message } of this.#parts.mcp.failures) this.#publish('', { type: 'error', message });
    this.#parts.rollout.observe({
      onNotice: (message) => this.#publish('', { type: 'background_event', message }),
      onForeign: (lines) => this.#merge(lines),
    });
  }

  /** Another program went on with the conversation: so do we, from there. */
  #merge(lines: readonly string[]): void {
    const messages = this.#journal.merge(lines, (earlier, summary) =>
      compactedHistory(this.#parts.opening, earlier, summary),
    );
    for (const msg of messages) this.#publish('', msg);
  }

  /** Resolves when no turn runs. */
  get idle(): Promise<void> {
    return this.#turn?.ended ?? Promise.resolve();
  }

  /** The stored event messages so far, in order; also those that nobody wrote. */
  get storedMessages(): Pick<MessageTexts, 'texts' | 'parse' | 'count'> {
    return this.#journal.messages;
  }

  /** Whether a program that a turn has started still runs. */
  hasPrograms(): Promise<boolean> {
    return this.#parts.commands.isAlive();
  }

  /** Resolves when all records are on disk. Throws RolloutError. */
  flush(): Promise<void> {
    return this.#journal.flush();
  }

  /**
   * Starts a turn with the input, or adds the input to the one that runs; the settings then have no effect. Resolves
   * when the input is on disk.
   */
  async submit(items: readonly InputItem[], settings: TurnSettings = settingsOf(this.config)): Promise<void> {
    this.#assertOpen();
    const id = this.#nextSubmission();
    const message = await toUserMessage(items);
    const shown = toUserMessageEvent(items, message);
    // A turn may end while its next input is being stored: that is then the input of a turn of its own.
    for (let isShown = false; ; isShown = true) {
      const turn = await this.#acceptingTurn();
      if (!turn) {
        const store = (onWritten: () => void): Promise<void> =>
          isShown
            ? this.#journal.remember([message]).then(onWritten)
            : this.#journal.storeInput({ shown, item: message, onWritten });
        return this.#start(id, message, settings, store);
      }
      if (!isShown) await this.#journal.storeInput({ shown });
      await turn.begun;
      if (turn.accepting) return turn.inject(message);
    }
  }

  /** The running turn once it is known to take input; `undefined` when none runs. */
  async #acceptingTurn(): Promise<ActiveTurn | undefined> {
    while (this.#turn && !this.#turn.accepting) await this.#turn.ended;
    this.#assertOpen();
    return this.#turn;
  }

  /** Aborts the running turn, if there is one; resolves when it is over. */
  async interrupt(): Promise<void> {
    this.#nextSubmission();
    const turn = this.#turn;
    turn?.abort();
    await turn?.ended;
  }

  /** Something was asked of the conversation that came to nothing, but takes a number as in the reference. */
  countOperation(): void {
    this.#nextSubmission();
  }

  /** Ends the running turn, tells the listeners, and gives the file back. A second call waits for the first. */
  shutdown(): Promise<void> {
    this.#shutDown ??= this.#endForGood(this.#nextSubmission());
    return this.#shutDown;
  }

  /** Gives the file and everything else back without a word, to be loaded again. Only while it is at rest. */
  release(): Promise<void> {
    this.#shutDown ??= this.#giveBack();
    return this.#shutDown;
  }

  /** Gives up waiting for the shutdown: what still runs is ended the hard way, and nothing more is written. */
  async abandon(): Promise<void> {
    await this.#parts.host.processes.endAll();
    await this.#journal.close();
  }

  async #endForGood(id: string): Promise<void> {
    const turn = this.#turn;
    turn?.abort();
    await turn?.ended;
    this.#publish(id, { type: 'shutdown_complete' });
    await this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    await Promise.all([this.#journal.close(), this.#parts.mcp.close()]);
    this.#parts.openTurns.forget(this.id);
    await this.#parts.sessions.endAll();
    await this.#parts.host.processes.endAll();
  }

  /** Every operation takes a number, so that the ids of turns are those of the reference (protocol-v1, section 5). */
  #nextSubmission(): string {
    return String(this.progress.submissions++);
  }

  #assertOpen(): void {
    if (this.#shutDown) throw new ConversationError('shut_down', `conversation is shutting down: ${this.id}`);
  }

  async #start(
    id: string,
    message: MessageItem,
    settings: TurnSettings,
    store: (onWritten: () => void) => Promise<void>,
  ): Promise<void> {
    const turn = new ActiveTurn(id, this.#parts.stalledTurns.account());
    this.#turn = turn;
    try {
      this.#note.begin();
      // The model is asked while the disk takes its time.
      const stored = store(() => void this.#run(turn, message, settings));
      await allDone([stored, this.#note.sync()]);
      turn.storedBefore = this.#journal.messages.count;
    } catch (error) {
      turn.abort();
      this.#note.takeBack();
      this.#finish(turn);
      throw error;
    }
    // The acknowledgement of the input goes out before the turn's first event.
    setImmediate(() => turn.begin());
  }

  async #run(turn: ActiveTurn, message: MessageItem, settings: TurnSettings): Promise<void> {
    const host = withOwnProcesses({ ...this.#parts.host, processes: this.#parts.commands });
    const started = this.#tellStart(turn, settings);
    const unwatch = this.#parts.stalledTurns.watch({
      conversationId: this.id,
      id: turn.id,
      startedAt: turn.startedAt,
      activity: turn.activity,
      stall: () => turn.stall(),
    });
    try {
      const last = await Promise.race([this.#carryOut(turn, settings, host), turn.forsaken]);
      this.#publish(turn.id, { type: 'task_complete', last_agent_message: last });
      this.#notify(turn.id, message, last);
    } catch (error) {
      if (!(await started)) return;
      await host.processes.endAll();
      if (turn.signal.aborted) await this.#parts.sessions.endAll();
      await this.#fail(turn, error);
    } finally {
      unwatch();
      this.#finish(turn);
    }
  }

  async #tellStart(turn: ActiveTurn, { model }: TurnSettings): Promise<boolean> {
    if (!(await turn.begun)) return false;
    this.#publish(turn.id, taskStarted({ config: this.config, family: modelFamily(model) }));
    return true;
  }

  async #carryOut(turn: ActiveTurn, settings: TurnSettings, host: Host): Promise<string | null> {
    const last = await runTurn(this.#world(turn, settings, host));
    await this.#note.endWithRecords(turn.signal);
    return last;
  }

  async #fail(turn: ActiveTurn, error: unknown): Promise<void> {
    const isCutOff = isPassing(error);
    if (isCutOff && !turn.signal.aborted) this.#tellError(turn, error);
    if (turn.signal.reason instanceof StallError) this.#tellError(turn, turn.signal.reason);
    try {
      if (turn.signal.aborted || isCutOff) {
        await this.#storeAbortion(isCutOff ? turn.takeInput({ closing: true }) : []);
        this.#publish(turn.id, TURN_ABORTED);
        return;
      }
      await this.#journal.remember(turn.takeInput({ closing: true }));
      await this.#note.end();
    } catch (err) {
      this.#parts.log.error({ err, conversationId: this.id }, 'the end of a turn could not be stored');
    }
    this.#tellError(turn, error);
    this.#publish(turn.id, { type: 'task_complete', last_agent_message: null });
  }

  #tellError(turn: ActiveTurn, error: unknown): void {
    this.#publish(turn.id, { type: 'error', message: explainFailure(error, this.#parts.log, this.id) });
  }

  /** A disk that takes nothing does not hold up an interrupt for long: the note of the turn says the same until it does. */
  async #storeAbortion(unused: readonly MessageItem[]): Promise<void> {
    const stored = this.#journal.storeEnd(unused, TURN_ABORTED).then(
      () => this.#note.end(),
      (err) =>
        this.#parts.log.error({ err, conversationId: this.id }, 'the end of a turn could not be stored'),
    );
    await Promise.race([stored, sleep(ABORT_PATIENCE_MS, undefined, { ref: false })]);
  }

  #finish(turn: ActiveTurn): void {
    if (this.#turn === turn) this.#turn = undefined;
    turn.end();
  }

  #notify(turnId: string, message: MessageItem, lastAssistantMessage: string | null): void {
    const { notify } = this.config;
    if (!notify) return;
    const inputMessages = message.content.flatMap((part) => (part.type === 'input_text' ? [part.text] : []));
    notifyTurnComplete(notify, { turnId, inputMessages, lastAssistantMessage }, this.#parts);
  }

  #world(turn: ActiveTurn, settings: TurnSettings, host: Host): TurnWorld {
    const { config, userAgent, model, sandbox, mcp, sessions } = this.#parts;
    const family = modelFamily(settings.model);
    return {
      conversationId: this.id,
      userAgent,
      config,
      settings,
      family,
      instructions: config.baseInstructions ?? baseInstructions(family),
      tools: [
        ...toolSpecs({
          config,
          family,
          approvalPolicy: settings.approvalPolicy,
          sandboxPolicy: settings.sandboxPolicy,
        }),
        ...mcp.specs,
      ],
      host,
      model,
      sandbox,
      approvedCommands: this.progress.approvedCommands,
      turnDiff: createTurnDiffTracker(),
      mcp,
      sessions,
      opening: this.#parts.opening,
      ask: (request) => this.#ask(turn, request),
      replaceHistory: (items, summary) => this.#journal.compact(items, summary),
      compactionTask: () => this.#compactionTask(turn),
      tokens: this.progress.tokens,
      history: this.#journal.history,
      signal: turn.signal,
      begun: turn.begun,
      report: (msg) => this.#report(turn, turn.id, msg),
      activity: turn.activity,
      hasPrograms: () => this.hasPrograms(),
      emit: (msg) => this.#emit(turn, turn.id, msg),
      emitDeltas: (deltas) => this.#tell(turn, () => this.#parts.publishDeltas(turn.id, deltas)),
      store: (items) => untilAborted(turn.signal, () => this.#journal.store(items)),
      remember: (items) => untilAborted(turn.signal, () => this.#journal.remember(items)),
      inject: (message) => turn.inject(message),
      takeInput: (options) => turn.takeInput(options),
    };
  }

  /** The event comes first, then the question. An answer takes a submission number, like any other operation. */
  async #ask(turn: ActiveTurn, request: ApprovalRequest): Promise<ReviewDecision> {
    const question = await withProgram(request, this.config, this.#parts.host);
    turn.signal.throwIfAborted();
    this.#publish(turn.id, approvalEvent(request));
    const decision = await turn.activity.during(QUESTION, () =>
      this.#parts.approvals.ask(this.id, question, turn.signal),
    );
    this.#nextSubmission();
    if (decision === 'abort') turn.abort();
    turn.signal.throwIfAborted();
    return decision;
  }

  #compactionTask(turn: ActiveTurn): Pick<TurnWorld, 'emit' | 'report'> {
    const id = `auto-compact-${this.progress.compactions++}`;
    return { emit: (msg) => this.#emit(turn, id, msg), report: (msg) => this.#report(turn, id, msg) };
  }

  async #report(turn: ActiveTurn, id: string, msg: EventMsg): Promise<void> {
    if (isStored(msg)) await untilAborted(turn.signal, () => this.#journal.storeEvent(msg));
    this.#emit(turn, id, msg);
  }

  #emit(turn: ActiveTurn, id: string, msg: EventMsg): void {
    this.#tell(turn, () => this.#publish(id, msg));
  }

  /** What a turn does that was given up is nobody's business any more. */
  #tell(turn: ActiveTurn, publish: () => void): void {
    turn.activity.move();
    if (this.#turn === turn) publish();
  }

  #publish(id: string, msg: EventMsg): void {
    this.#parts.publish({ id, msg });
  }
}
