import type { Handlers } from '../rpc/dispatcher.ts';
import type { Services } from './services.ts';
import { approvalHandlers } from './v1/approvals.ts';
import { authHandlers } from './v1/auth.ts';
import { configHandlers } from './v1/config.ts';
import { conversationHandlers } from './v1/conversation.ts';
import { execHandlers } from './v1/exec.ts';
import { gitHandlers } from './v1/git.ts';
import { serverHandlers } from './v1/server.ts';

export const createHandlers = (services: Services): Handlers => ({
  ...serverHandlers(services),
  ...conversationHandlers(services),
  ...approvalHandlers(services),
  ...authHandlers(services),
  ...configHandlers(services),
  ...gitHandlers(services),
  ...execHandlers(services),
});
