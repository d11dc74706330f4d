const counts = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const shortCount = (count: number): string => counts.format(count);

/** @param milliseconds */
export function shortDuration(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

const times = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const datesOfYears = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** The time of today, the day of this year, else the date. */
export function shortDate(iso: string, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  if (date.toDateString() === now.toDateString()) return times.format(date);
  return (date.getFullYear() === now.getFullYear() ? days : datesOfYears).format(date);
}
