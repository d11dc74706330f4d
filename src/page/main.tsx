import { options, render } from 'preact';
import { explain } from './state/problem.ts';
import { openSession } from './state/session.ts';
import { App } from './view/app.tsx';
import { SessionProvider } from './view/session-context.ts';

// Texts come in more pieces than anybody can see.
options.debounceRendering = requestAnimationFrame;

/** The page at `/`: what a browser gets that is signed in. */
async function start(): Promise<void> {
  try {
    const session = await openSession();
    render(
      <SessionProvider value={session}>
        <App />
      </SessionProvider>,
      document.body,
    );
  } catch (error) {
    render(<Unreachable reason={explain(error)} />, document.body);
  }
}

const Unreachable = ({ reason }: { reason: string }) => (
  <main class="unreachable">
    <h1>codexd</h1>
    <p role="alert">{reason}</p>
    <button type="button" onClick={() => location.reload()}>
      Try again
    </button>
  </main>
);

void start();
