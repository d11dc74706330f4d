import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { lineSplitter } from './lines.ts';
import { readMessage } from './message.ts';
import type { ServerProcess } from './server-process.ts';

/** The revision that the reference offers (protocol-v1, section 13); the SDK can only offer its newest. */
const PROTOCOL_VERSION = '2025-06-18';

/** Longest message of a server, in bytes; a screenshot in base64 takes several million. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

const SHOWN_LENGTH = 200;

/**
 * Messages over the stdin and stdout of a server, one JSON object per line. Lines that are none are reported to
 * `onerror` and passed over.
 */
export function stdioTransport(server: ServerProcess): Transport {
  const transport: Transport = {
    async start() {
      listen(server, transport);
    },
    send: (message) =>
      new Promise((resolve) => {
        // A server that is not there to read has ended or is being ended, and that is what fails the request.
        if (!server.stdin.writable) resolve();
        else server.stdin.write(`${JSON.stringify(withOfferedVersion(message))}\n`, () => resolve());
      }),
    close: () => server.stop(),
  };
  return transport;
}

function listen(server: ServerProcess, transport: Transport): void {
  const split = lineSplitter(MAX_MESSAGE_BYTES);
  const fail = (error: Error): void => {
    transport.onerror?.(error);
    server.kill();
  };
  server.stdout.on('data', (chunk: Buffer) => {
    try {
      for (const line of split(chunk)) receive(line, transport);
    } catch (error) {
      server.stdout.destroy();
      fail(error instanceof Error ? error : new Error('the output of the server cannot be read'));
    }
  });
  // Without these two pipes no request of ours would ever be answered.
  server.stdout.once('end', () => fail(new Error('the server closed its output')));
  server.stdin.on('error', fail);
  server.ended.then(() => transport.onclose?.());
}

function receive(line: string, transport: Transport): void {
  const message = readMessage(line);
  if (message) transport.onmessage?.(message);
  else transport.onerror?.(new Error(`not a JSON-RPC message: ${line.slice(0, SHOWN_LENGTH)}`));
}

function withOfferedVersion(message: JSONRPCMessage): JSONRPCMessage {
  if (!('method' in message) || message.method !== 'initialize') return message;
  return { ...message, params: { ...message.params, protocolVersion: PROTOCOL_VERSION } };
}
