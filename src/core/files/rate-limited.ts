/**
 * Passes on at most one text per interval: the first at once, and at the end of each interval the last of those that
 * came meanwhile.
 */
export function rateLimited(report: (text: string) => void, intervalMs: number): (text: string) => void {
  let isQuiet = false;
  let latest: string | undefined;

  const endInterval = (): void => {
    isQuiet = false;
    const text = latest;
    latest = undefined;
    if (text !== undefined) pass(text);
  };
  const pass = (text: string): void => {
    if (isQuiet) {
      latest = text;
      return;
    }
    isQuiet = true;
    setTimeout(endInterval, intervalMs).unref();
    report(text);
  };
  return pass;
}
