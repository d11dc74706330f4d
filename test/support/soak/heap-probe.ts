import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Asks a Node process over its inspector (Chrome DevTools protocol, domains HeapProfiler and Runtime). */
export interface HeapProbe {
  /** Bytes of living objects: everything else was collected just before. */
  used(): Promise<number>;
  close(): void;
}

export async function openHeapProbe(address: string): Promise<HeapProbe> {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  let lastId = 0;
  const call = async (method: string): Promise<{ usedSize?: number }> => {
    const id = ++lastId;
    socket.send(JSON.stringify({ id, method }));
    for (;;) {
      const [data] = await once(socket, 'message');
      const message = JSON.parse(String(data));
      if (message.id === id) return message.result;
    }
  };
  return {
    async used() {
      // Finalizers run after the first collection; the second one takes what they let go.
      for (let pass = 0; pass < 2; pass++) await call('HeapProfiler.collectGarbage');
      const { usedSize = Number.NaN } = await call('Runtime.getHeapUsage');
      return usedSize;
    },
    close: () => socket.terminate(),
  };
}
