/** The surroundings that the daemon was started in, and that commands of the user are to find again. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  /** The user's own; the daemon itself runs with a stricter one. */
  readonly umask: number;
}
