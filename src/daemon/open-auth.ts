import { type AuthManager, openAuthManager } from '../core/auth/auth-manager.ts';
import { issuerAddress } from '../core/auth/issuer-address.ts';
import type { Config } from '../core/config/types.ts';
import { originator, userAgent } from '../core/user-agent.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { OperatorError } from './operator-error.ts';
import type { Redactor } from './redact.ts';
import type { DaemonOptions } from './types.ts';

/** The daemon's identity. Throws `OperatorError` when the environment names an issuer that cannot be used. */
export function openAuth(
  options: DaemonOptions,
  { forcedLoginMethod }: Config,
  { tokenRefreshes }: Metrics,
): AuthManager {
  const { codexHome, env, log, version, files } = options;
  return openAuthManager({
    codexHome,
    ...(files && { fs: files }),
    env,
    log,
    issuerAddress: readIssuer(env),
    originator: originator(env),
    userAgent: userAgent(env, { name: 'codexd', version }),
    forcedMethod: forcedLoginMethod === 'api' ? 'apikey' : forcedLoginMethod,
    onRefreshed: (outcome) => tokenRefreshes.inc({ outcome }),
    onSecret: recentSecrets(options.redactor),
  });
}

function readIssuer(env: NodeJS.ProcessEnv): string {
  try {
    return issuerAddress(env);
  } catch (error) {
    throw new OperatorError((error as Error).message, { cause: error });
  }
}

/** Tokens change every hour for as long as the daemon runs; those of days ago are worth nothing to anybody. */
const KEPT = 200;

/** Registers each secret, and forgets the one that was last seen longest ago. */
function recentSecrets(redactor: Redactor): (secret: string) => void {
  const recent = new Set<string>();
  return (secret) => {
    recent.delete(secret);
    recent.add(secret);
    redactor.register(secret);
    const [oldest] = recent;
    if (recent.size <= KEPT || oldest === undefined) return;
    recent.delete(oldest);
    redactor.forget(oldest);
  };
}
