import type { Folds } from './fold.ts';
import { append, findLast, type Item, type Reasoning, replace, type Transcript } from './transcript.ts';

/** Texts of the model that come in pieces and then, once more, as a whole. */
export const textFolds: Folds = {
  agent_message_delta: (transcript, { delta }) => {
    const last = transcript.items.at(-1);
    return last?.kind === 'agent' && last.isOpen
      ? replace(transcript, { ...last, text: last.text + delta })
      : append(transcript, { kind: 'agent', text: delta, isOpen: true });
  },
  agent_message: (transcript, { message: text }) => {
    const open = findLast(transcript, 'agent', ({ isOpen }) => isOpen);
    return open
      ? replace(transcript, { ...open, text, isOpen: false })
      : append(transcript, { kind: 'agent', text, isOpen: false });
  },
  agent_reasoning_delta: (transcript, { delta }) => addThought(transcript, delta, false),
  agent_reasoning_raw_content_delta: (transcript, { delta }) => addThought(transcript, delta, true),
  agent_reasoning_section_break: (transcript) => {
    const open = openReasoning(transcript, false);
    if (!open || open.sections.at(-1) === '') return transcript;
    return replace(transcript, { ...open, sections: [...open.sections, ''] });
  },
  agent_reasoning: (transcript, { text }) => finishThought(transcript, text, false),
  agent_reasoning_raw_content: (transcript, { text }) => finishThought(transcript, text, true),
  // The model begins its answer anew, so that what has come of it will come again.
  stream_error: (transcript, { message: text }) =>
    append(
      { ...transcript, items: transcript.items.filter((item) => !isUnfinished(item)) },
      {
        kind: 'notice',
        tone: 'quiet',
        text,
      },
    ),
};

const isUnfinished = (item: Item): boolean => 'isOpen' in item && item.isOpen;

const openReasoning = (transcript: Transcript, raw: boolean) =>
  findLast(transcript, 'reasoning', ({ isOpen, isRaw }) => isOpen && isRaw === raw);

function addThought(transcript: Transcript, delta: string, isRaw: boolean): Transcript {
  const open = openReasoning(transcript, isRaw);
  if (!open)
    return append(transcript, { kind: 'reasoning', isRaw, sections: [delta], whole: 0, isOpen: true });
  const sections = [...open.sections.slice(0, -1), (open.sections.at(-1) ?? '') + delta];
  return replace(transcript, { ...open, sections });
}

/** The sections come as wholes one after another, once all of them have come in pieces. */
function finishThought(transcript: Transcript, text: string, isRaw: boolean): Transcript {
  const open = openReasoning(transcript, isRaw);
  if (open) return replace(transcript, { ...open, ...withWhole(open, text) });
  const last = transcript.items.at(-1);
  if (last?.kind === 'reasoning' && last.isRaw === isRaw)
    return replace(transcript, { ...last, ...withWhole(last, text) });
  return append(transcript, { kind: 'reasoning', isRaw, sections: [text], whole: 1, isOpen: false });
}

function withWhole(
  { sections, whole }: Reasoning,
  text: string,
): Pick<Reasoning, 'sections' | 'whole' | 'isOpen'> {
  const known = [...sections.slice(0, whole), text, ...sections.slice(whole + 1)];
  return { sections: known, whole: whole + 1, isOpen: whole + 1 < known.length };
}
