import { useEffect, useRef, useState } from 'preact/hooks';
import type { InputItem } from '../../protocol/vocabulary/items.ts';
import { explain } from '../state/problem.ts';
import { type Attachment, Attachments, readImages } from './attachments.tsx';

interface Parts {
  readonly label: string;
  /** Rejects when it could not be sent; the text then stays. */
  send(items: InputItem[]): Promise<void>;
  /** Stops the running turn; left out when none runs. */
  readonly interrupt?: (() => void) | undefined;
  readonly disabled?: boolean;
  /** The view is there to write in. */
  readonly isFirst?: boolean;
}

/** Where a message is written: Enter sends it, Shift and Enter begin a new line, Escape stops the turn. */
export function Composer({ label, send, interrupt, disabled = false, isFirst = false }: Parts) {
  const [text, setText] = useState('');
  const [images, setImages] = useState<readonly Attachment[]>([]);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isFirst && matchMedia('(hover: hover)').matches) field.current?.focus();
  }, [isFirst]);
  const isEmpty = text.trim() === '' && images.length === 0;

  async function submit(): Promise<void> {
    // The key may come before what was typed has been drawn.
    const written = field.current?.value ?? text;
    const isNothing = written.trim() === '' && images.length === 0;
    if (isNothing || isSending || disabled) return;
    setSending(true);
    setProblem('');
    try {
      await send([
        ...(written.trim() === '' ? [] : [{ type: 'text' as const, data: { text: written } }]),
        ...images.map(({ url }) => ({ type: 'image' as const, data: { image_url: url } })),
      ]);
      setText('');
      setImages([]);
    } catch (error) {
      setProblem(explain(error));
    }
    setSending(false);
    field.current?.focus();
  }

  async function attach(files: Iterable<File>): Promise<void> {
    try {
      const added = await readImages(files);
      setImages((before) => [...before, ...added]);
    } catch (error) {
      setProblem(explain(error));
    }
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void attach(event.dataTransfer?.files ?? []);
      }}
    >
      <p class="problem" role="alert">
        {problem}
      </p>
      <Attachments images={images} remove={(index) => setImages(images.toSpliced(index, 1))} />
      <div class="grows" data-text={text}>
        <textarea
          ref={field}
          rows={1}
          aria-label={label}
          placeholder={label}
          value={text}
          disabled={disabled}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={({ clipboardData }) => void attach(clipboardData?.files ?? [])}
        />
      </div>
      <div class="composer-line">
        <input
          ref={picker}
          type="file"
          accept="image/*"
          multiple
          hidden
          aria-label="Images to attach"
          onChange={({ currentTarget }) => {
            void attach(currentTarget.files ?? []);
            currentTarget.value = '';
          }}
        />
        <button type="button" class="quiet" onClick={() => picker.current?.click()} disabled={disabled}>
          Attach image
        </button>
        <span class="hint">Enter sends · Shift+Enter new line{interrupt && ' · Esc interrupts'}</span>
        {interrupt && (
          <button type="button" onClick={interrupt}>
            Interrupt
          </button>
        )}
        <button type="submit" class="primary" disabled={isEmpty || isSending || disabled}>
          {isSending ? 'Sending …' : 'Send'}
        </button>
      </div>
    </form>
  );
}
