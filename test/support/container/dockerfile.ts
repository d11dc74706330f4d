/** One line of a Dockerfile, continued lines put together. */
export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile that uses no more of the format than ours does. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const { word, rest } of instructionsOf(text)) {
    if (word !== 'FROM') {
      stages.at(-1)?.instructions.push({ word, rest });
      continue;
    }
    const [base = '', , name = String(stages.length)] = rest.split(/\s+/);
    stages.push({ name, base, instructions: [] });
  }
  return stages;
}

function instructionsOf(text: string): Instruction[] {
  const joined = text.replace(/^#.*\n/gm, '').replace(/\\\n/g, ' ');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, word = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { word, rest };
    });
}

/** The last instruction with that word, as `USER`; empty if there is none. */
export function lastOf({ instructions }: Stage, word: string): string {
  return instructions.findLast((instruction) => instruction.word === word)?.rest ?? '';
}

/** The list of words in the JSON form of `CMD` and the like, whatever stands before it. */
export function wordsOf(rest: string): string[] {
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[];
}
