/** Commands that the user lets run unasked for the rest of a conversation, compared argument by argument. */
export class ApprovedCommands {
  readonly #known = new Set<string>();

  add(command: readonly string[]): void {
    this.#known.add(JSON.stringify(command));
  }

  has(command: readonly string[]): boolean {
    return this.#known.has(JSON.stringify(command));
  }
}
