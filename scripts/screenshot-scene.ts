import type { Answer, Step } from '../src/demo/answers.ts';
import type { RequestBody } from '../src/demo/recording.ts';
import {
  callAnswer,
  completed,
  created,
  functionCall,
  itemDone,
  message,
  reasoning,
  textAnswer,
} from '../src/demo/responses.ts';

/** What is said in the pictures, in order; the answers follow from it. */
export const MESSAGES = {
  past: [
    'Explain what the retry decorator does',
    'Why does CI fail on Node 22?',
    'Write release notes for 0.4',
    'Rename Forecast to Outlook everywhere',
  ],
  shown: 'The summary rounds temperatures the wrong way. Find out why and fix it, with a test.',
  asking: 'Now publish it.',
};

const SOURCE = `def summary(day):
    low = int(day.low)
    high = int(day.high)
    return f"{low} to {high} °C"
`;

export const FILES: Readonly<Record<string, string>> = {
  'weather/summary.py': SOURCE,
  'weather/__init__.py': '',
  'check.sh': `echo '....F...'\necho 'FAILED tests/test_summary.py::test_negative - "-2 to 3 °C" != "-3 to 3 °C"'\necho '1 failed, 7 passed in 0.21 s'\nexit 1\n`,
};

const PATCH = `*** Begin Patch
*** Update File: weather/summary.py
@@ def summary(day):
-    low = int(day.low)
-    high = int(day.high)
+    low = floor(day.low)
+    high = ceil(day.high)
     return f"{low} to {high} °C"
*** Add File: tests/test_summary.py
+from weather.summary import summary
+
+
+def test_negative(day):
+    assert summary(day(low=-2.4, high=2.6)) == "-3 to 3 °C"
*** End Patch`;

const REPORT = `The summary cut the fraction off, so that **−2.4 became −2** although the day gets colder than that.

It now rounds outwards, the way the forecast page does:

| value | before | now |
| --- | ---: | ---: |
| low −2.4 | −2 | **−3** |
| high 2.6 | 2 | **3** |

\`\`\`python
low = floor(day.low)
high = ceil(day.high)
\`\`\`

The new test fails without the change. The rule is described in the [style guide](https://docs.example.org/weather/rounding).`;

const PLAN = [
  { step: 'Reproduce the rounding', status: 'completed' },
  { step: 'Round outwards', status: 'in_progress' },
  { step: 'Add a test for negative temperatures', status: 'pending' },
];

/** A model that works on a small project. */
export function answer({ input }: RequestBody): Answer {
  const prompt = JSON.stringify(input.findLast(({ role }) => role === 'user') ?? '');
  const calls = input
    .slice(input.findLastIndex(({ role }) => role === 'user'))
    .filter(({ type }) => type === 'function_call');
  if (prompt.includes(MESSAGES.asking)) return ask();
  if (prompt.includes(MESSAGES.shown)) return STEPS[calls.length]?.() ?? textAnswer(REPORT, USAGE);
  return textAnswer('Done.', USAGE);
}

const USAGE = { input: 18_240, output: 912, cached: 12_032, reasoning: 320 };

const STEPS: readonly (() => Step[])[] = [
  () => [
    created(),
    itemDone(
      reasoning(
        '**Looking for the rounding**\n\nA cast to `int` cuts towards zero, which is wrong below zero.',
      ),
    ),
    itemDone(functionCall('update_plan', { plan: PLAN }, 'call_plan')),
    completed(USAGE),
  ],
  () => callAnswer(functionCall('shell', { command: ['bash', '-lc', 'sh check.sh'] }, 'call_check')),
  () => callAnswer(functionCall('shell', { command: ['apply_patch', PATCH] }, 'call_patch')),
];

const ask = (): Step[] => [
  created(),
  itemDone(message('Everything passes. I would upload the release to the package index now.')),
  itemDone(
    functionCall(
      'shell',
      {
        command: ['bash', '-lc', 'python -m build && twine upload --repository weather dist/*'],
        with_escalated_permissions: true,
        justification: 'Uploading needs the network.',
      },
      'call_upload',
    ),
  ),
  completed(USAGE),
];
