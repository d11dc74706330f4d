/** Like `Promise.all`, but nothing goes on any more when it rejects: with the first failure, once all have settled. */
export async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
