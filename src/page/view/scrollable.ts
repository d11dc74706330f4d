/** What scrolls has to be reached from the keyboard, also where nothing in it can be. */
export const SCROLLABLE = { tabIndex: 0 } as const;
