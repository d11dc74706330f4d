/** Shared by the small pages that the daemon shows by itself. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
label, input, button { display: block; font: inherit; }
input { box-sizing: border-box; width: 100%; margin: 0.25rem 0 0.75rem; padding: 0.5rem; }
button { padding: 0.4rem 1.2rem; }
output { display: block; min-height: 1.5em; margin-top: 1rem; }
code { font-family: ui-monospace, monospace; }
`;
