import * as approvals from './approvals.ts';
import * as auth from './auth.ts';
import * as config from './config.ts';
import * as conversation from './conversation.ts';
import * as exec from './exec.ts';
import * as git from './git.ts';
import * as server from './server.ts';

/** The methods of the first protocol generation, in the order of the documents. */
export const v1Methods = [
  server.initialize,
  server.getServerInfo,
  server.getUserAgent,
  server.listClients,
  conversation.newConversation,
  conversation.listConversations,
  conversation.listLoadedConversations,
  conversation.getConversation,
  conversation.resumeConversation,
  conversation.archiveConversation,
  conversation.unarchiveConversation,
  conversation.sendUserMessage,
  conversation.sendUserTurn,
  conversation.interruptConversation,
  conversation.addConversationListener,
  conversation.removeConversationListener,
  approvals.listApprovals,
  approvals.answerApproval,
  auth.loginApiKey,
  auth.loginChatGpt,
  auth.cancelLoginChatGpt,
  auth.logoutChatGpt,
  auth.getAuthStatus,
  auth.userInfo,
  config.getUserSavedConfig,
  config.getEffectiveConfig,
  config.setDefaultModel,
  git.gitDiffToRemote,
  exec.execOneOffCommand,
] as const;
