/** What was found out about one thing that codexd needs. */
export interface Finding {
  /** Stable word for programs. */
  readonly name: string;
  /** `warning`: something will not work, but the rest does. */
  readonly state: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** A check that breaks off has found a problem. */
export async function checked(name: string, check: () => Promise<Omit<Finding, 'name'>>): Promise<Finding> {
  try {
    return { name, ...(await check()) };
  } catch (error) {
    return { name, state: 'problem', detail: error instanceof Error ? error.message : String(error) };
  }
}
