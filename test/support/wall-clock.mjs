/**
 * Loaded before the daemon (`--import`): its wall clock goes wrong by as many milliseconds as the file says that
 * `WALL_CLOCK` names. The clock that only goes forward stays.
 */
import { readFileSync } from 'node:fs';

const Real = Date;
let offset = 0;
setInterval(() => {
  offset = Number(readFileSync(process.env.WALL_CLOCK, 'utf8'));
}, 20).unref();
const now = () => Real.now() + offset;
globalThis.Date = new Proxy(Real, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new Real(now()).toString(),
  get: (target, name) => (name === 'now' ? now : target[name]),
});
