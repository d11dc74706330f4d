import { useState } from 'preact/hooks';

/** Milliseconds for which it says that it was done. */
const SHOWN = 1_500;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [label, setLabel] = useState('Copy');

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setLabel('Copied');
    } catch {
      setLabel('Not allowed');
    }
    setTimeout(() => setLabel('Copy'), SHOWN);
  }

  return (
    <button type="button" class="quiet copy" aria-label={`${label} ${what}`} onClick={() => void copy()}>
      {label}
    </button>
  );
}
