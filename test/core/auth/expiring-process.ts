/**
 * One of several processes on one `auth.json`: has its access token expire again and again, and renews it.
 * argv: home, issuer, number of expiries. Prints how often the token stayed refused, and who is signed in at the end.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { openAuthManager } from '../../../src/core/auth/auth-manager.ts';

const [home = '', issuerAddress = '', expiries = '0'] = process.argv.slice(2);
const quiet = () => undefined;
const manager = openAuthManager({
  codexHome: home,
  issuerAddress,
  originator: 'codex_cli_rs',
  userAgent: 'codexd-test/1',
  env: {},
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  onSecret: quiet,
});

let stuck = 0;
for (let count = 0; count < Number(expiries); count++) {
  const expired = await manager.credential.current();
  if (!expired) throw new Error('signed out');
  await pause(Math.random() * 20);
  await manager.credential.renew(expired);
  const renewed = await manager.credential.current();
  if (renewed?.token === expired.token) stuck += 1;
}
const { method } = await manager.credential.status({ refresh: false });
await manager.close();
process.stdout.write(JSON.stringify({ stuck, method }));
