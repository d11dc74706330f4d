import { RolloutError } from '../../../src/core/rollout/errors.ts';
import { createRollout } from '../../../src/core/rollout/writer.ts';

/**
 * Writes to the rollout named by the first argument until it is refused. Prints how many records were acknowledged, and
 * the refusal.
 */
const [, , path = ''] = process.argv;
const writer = await createRollout(path);
let written = 0;
try {
  for (;;) {
    const content = [{ type: 'input_text' as const, text: `record ${written}` }];
    await writer.append([{ type: 'response_item', payload: { type: 'message', role: 'user', content } }], {
      urgent: true,
      sync: true,
    });
    written += 1;
  }
} catch (error) {
  if (!(error instanceof RolloutError)) throw error;
  process.stdout.write(JSON.stringify({ written, fault: error.fault, code: error.code }));
  await writer.close();
}
