import type { FileLine } from './lines.ts';
import { costOf, recordType, type Share, shareOf } from './record-type.ts';
import type { Survey } from './survey.ts';

/** Decides line by line, in order, what of a file is looked at; what is no record has to be. */
export interface Selection {
  admits(line: FileLine): boolean;
  /** Lines of each share that were not admitted although nothing else stands for them. */
  readonly dropped: Readonly<Record<Share, number>>;
  /** Some line of the file has an ordinal, admitted or not; false when nobody looked. */
  readonly numbered: boolean;
}

export const everything: Selection = {
  admits: () => true,
  dropped: { items: 0, messages: 0 },
  numbered: false,
};

/**
 * Keeps the opening and, of each share, as much of the end as fits.
 * @param limits cost of the lines of each share that are kept, in bytes
 */
export function theEnd(found: Survey, limits: Readonly<Record<Share, number>>): Selection {
  const left = { ...found.cost };
  const dropped = { items: 0, messages: 0 };

  const fits = (share: Share, line: FileLine): boolean => {
    const isInLimit = left[share] <= limits[share];
    left[share] -= costOf(line);
    if (!isInLimit) dropped[share] += 1;
    return isInLimit;
  };
  return {
    dropped,
    numbered: found.numbered,
    admits(line) {
      const { type } = recordType(line);
      const share = shareOf(type);
      if (share === undefined) return type === undefined;
      if (share === 'items' && line.start < found.historyStart) return false;
      return (share === 'items' && line.start < found.openingEnd) || fits(share, line);
    },
  };
}
