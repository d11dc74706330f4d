import type { InteropCase } from '../harness/interop-case.ts';

const bash = (script: string) => ['bash', '-c', script];

export const oneOffCommands: readonly InteropCase[] = [
  {
    name: 'a one-off command gives its code and both outputs',
    env: { PLAIN: 'yes', MY_TOKEN: 'no' },
    config: { shell_environment_policy: { set: { ADDED: 'too' } } },
    async play(stage) {
      await stage.writeFile('below/file', 'content\n');
      const run = (params: object) => stage.request('execOneOffCommand', params);
      await run({ command: bash('echo out; echo err >&2; exit 7') });
      await run({ command: ['pwd'] });
      await run({ command: ['cat', 'file'], cwd: `${stage.cwd}/below` });
      await run({ command: ['cat', 'file'], cwd: 'below' });
      await run({ command: ['cat'], timeoutMs: null, cwd: null, sandboxPolicy: null });
      await run({ command: bash('printf "a\\377b"') });
      await run({ command: bash('echo $PLAIN/$MY_TOKEN/$ADDED') });
      await run({ command: bash('seq 1 3000') });
      await run({ command: ['echo', 'open'], sandboxPolicy: { mode: 'danger-full-access' } });
    },
  },
  {
    name: 'a one-off command that cannot run is refused',
    async play(stage) {
      const run = (params: object) => stage.request('execOneOffCommand', params);
      await run({ command: [] });
      await run({ command: [''] });
      await run({ command: ['/nowhere/program'] });
      await run({ command: ['/etc/passwd'] });
      await run({ command: ['pwd'], cwd: `${stage.cwd}/nowhere` });
      await run({ command: bash('kill -KILL $$') });
      await run({ command: ['sleep', '30'], timeoutMs: 300 });
    },
  },
  {
    name: 'a time limit reaches the children of a one-off command',
    compare: ['notes'],
    async play(stage) {
      const start = performance.now();
      await stage.request('execOneOffCommand', { command: bash('sleep 4 & exec sleep 4'), timeoutMs: 300 });
      stage.note('the answer came in time', performance.now() - start < 3000);
    },
  },
  {
    name: 'one-off commands run beside each other',
    async play(stage) {
      const slow = stage.request('execOneOffCommand', {
        command: bash('for _ in $(seq 100); do [ -e go ] && break; sleep 0.1; done; echo slow'),
      });
      await stage.request('execOneOffCommand', { command: bash('echo fast; touch go') });
      await slow;
    },
  },
];
