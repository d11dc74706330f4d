import { useEffect, useState } from 'preact/hooks';
import type { OpenConversation } from '../state/open-conversation.ts';
import { explain } from '../state/problem.ts';
import { Composer } from './composer.tsx';
import { useSession } from './session-context.ts';
import { TokenUse } from './token-use.tsx';
import { TranscriptView } from './transcript-view.tsx';
import { ViewHeader } from './view-header.tsx';

export function ConversationView({ conversation }: { conversation: OpenConversation }) {
  const { about, transcript, problem } = conversation;
  const session = useSession();
  const isRunning = transcript.value.turnId !== undefined;
  const questions = session.questions.value.filter(
    ({ approval }) => approval.conversationId === conversation.id,
  );

  function interrupt(): void {
    conversation.interrupt().catch((error) => {
      problem.value = explain(error);
    });
  }

  useEffect(() => {
    if (!isRunning) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) interrupt();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isRunning, conversation]);

  return (
    <section class="conversation" aria-label="Conversation">
      <ConversationHeader conversation={conversation} />
      {problem.value && (
        <p class="problem banner" role="alert">
          {problem.value}
        </p>
      )}
      <TranscriptView transcript={transcript.value} questions={questions} />
      {about.value && <Foot conversation={conversation} interrupt={isRunning ? interrupt : undefined} />}
    </section>
  );
}

function ConversationHeader({ conversation }: { conversation: OpenConversation }) {
  const { about, transcript } = conversation;
  const { preview, cwd, model, archived } = about.value ?? {};
  const first = transcript.value.items.find(({ kind }) => kind === 'user');
  const title = preview ?? (first?.kind === 'user' ? first.text : 'Conversation');
  const detail = [model, cwd].filter(Boolean).join(' · ');
  return (
    <ViewHeader title={title.slice(0, 200)} detail={detail}>
      <TokenUse usage={transcript.value.usage} />
      {about.value && (
        <ArchiveButton key={String(archived)} conversation={conversation} isArchived={archived === true} />
      )}
    </ViewHeader>
  );
}

function ArchiveButton({
  conversation,
  isArchived,
}: {
  conversation: OpenConversation;
  isArchived: boolean;
}) {
  const { list } = useSession();
  const [isBusy, setBusy] = useState(false);

  async function toggle(): Promise<void> {
    setBusy(true);
    try {
      await (isArchived ? conversation.unarchive() : conversation.archive());
      await list.load();
    } catch (error) {
      conversation.problem.value = explain(error);
    }
    setBusy(false);
  }

  return (
    <button type="button" class="quiet" disabled={isBusy} onClick={() => void toggle()}>
      {isArchived ? 'Unarchive' : 'Archive'}
    </button>
  );
}

interface FootParts {
  readonly conversation: OpenConversation;
  readonly interrupt: (() => void) | undefined;
}

function Foot({ conversation, interrupt }: FootParts) {
  const { archived, readOnly, loaded, damagedLines = [] } = conversation.about.value ?? {};
  if (readOnly)
    return (
      <p class="foot-note">A newer Codex wrote this conversation; it can be read here, but not continued.</p>
    );
  return (
    <>
      {damagedLines.length > 0 && (
        <p class="foot-note">{damagedLines.length} damaged lines of its file are left out.</p>
      )}
      <Composer
        label={placeholderOf(archived, loaded, interrupt !== undefined)}
        send={(items) => conversation.send(items)}
        interrupt={interrupt}
      />
    </>
  );
}

function placeholderOf(
  archived: boolean | undefined,
  loaded: boolean | undefined,
  isRunning: boolean,
): string {
  if (archived) return 'Go on with this archived conversation';
  if (isRunning) return 'Say something while it works';
  return loaded ? 'Message' : 'Go on with this conversation';
}
