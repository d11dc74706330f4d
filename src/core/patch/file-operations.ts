/**
 * How patches reach the disk. Paths are absolute and may lead through links; every method throws the system error of
 * what went wrong and then leaves the file as it was.
 */
export interface FileOperations {
  /** Creates the directories that a write to the path needs. */
  createParents(path: string): Promise<void>;
  /** Creates or replaces a regular file, through links; a reader sees the old text or the new one. */
  write(path: string, content: string): Promise<void>;
  /** Takes away a file or a link, not what it points to. */
  remove(path: string): Promise<void>;
}
