import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OutputReader, readInPortions } from './output-reader.ts';

/** A real pipe for the output of a child. Node's own are sockets, and Linux cannot open `/dev/stdout` on a socket. */
export interface OutputPipe {
  readonly reader: OutputReader;
  /** For the child's stdio; to be given back with `closeWriter` once the child is there. */
  readonly writer: number;
  closeWriter(): void;
  /** Ends the reading, whether or not a process still holds the other end. */
  release(): void;
}

const MAX_PARKED = 32;

/** Of all pipes: what is read is used up before anything else is read. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Descriptors of FIFOs without a name that nobody else has open, for reuse. */
const parked: number[] = [];

/** @returns `undefined` where such pipes cannot be had or are not needed. */
export async function openOutputPipe(): Promise<OutputPipe | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    return openFifo(parked.pop() ?? (await createFifo()));
  } catch {
    // Without mkfifo, a writable temporary folder or /proc a command still runs, on Node's sockets.
    return undefined;
  }
}

async function createFifo(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'codexd-pipe-'));
  try {
    const path = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', [path]);
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function openFifo(fifo: number): OutputPipe {
  const path = `/proc/self/fd/${fifo}`;
  const opened = [fifo];
  try {
    opened.push(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    opened.push(openSync(path, constants.O_WRONLY));
    const [, descriptor = -1, writer = -1] = opened;
    return pipeOver(fifo, readerOf(descriptor), writer);
  } catch (error) {
    for (const descriptor of opened) closeSync(descriptor);
    throw error;
  }
}

interface PipeReader extends OutputReader {
  readonly hasEnded: boolean;
}

function readerOf(descriptor: number): PipeReader {
  let socket: Socket | undefined;
  let closed = false;
  return {
    get hasEnded() {
      return socket?.readableEnded ?? false;
    },
    async read(take) {
      if (closed) return;
      const portions = readInPortions(take);
      const callback = (size: number): boolean => portions.take(buffer.subarray(0, size));
      socket = new Socket({ fd: descriptor, readable: true, writable: false, onread: { buffer, callback } });
      // A socket ends only when somebody wants what it reads.
      await portions.of(socket.resume());
    },
    close() {
      if (socket) socket.destroy();
      else if (!closed) closeSync(descriptor);
      closed = true;
    },
  };
}

function pipeOver(fifo: number, reader: PipeReader, writer: number): OutputPipe {
  let writing = true;
  const closeWriter = (): void => {
    if (writing) closeSync(writer);
    writing = false;
  };
  const release = (): void => {
    closeWriter();
    // Only after the end of the output no other process has the FIFO open.
    if (reader.hasEnded && parked.length < MAX_PARKED) parked.push(fifo);
    else closeSync(fifo);
    reader.close();
  };
  return { reader, writer, closeWriter, release };
}
