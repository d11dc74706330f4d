import type { Responder } from '../../../src/demo/model-server.ts';
import type { InteropCase } from './interop-case.ts';
import type { Stage } from './stage.ts';

/** Answers the requests of a play from its script; a request beyond the script gets 400. */
export function scriptedResponder(script: NonNullable<InteropCase['answers']>, stage: Stage): Responder {
  return (request) => {
    const answer = typeof script === 'function' ? script : script[request.index];
    if (answer === undefined) {
      return {
        status: 400,
        body: { error: { message: `nothing is scripted for request ${request.index}` } },
      };
    }
    return typeof answer === 'function' ? answer(stage, request) : answer;
  };
}
