/** Formats amounts for people. */

/** `5,000` */
export function numberText(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1 test`, `2 tests`. */
export function counted(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(number: number): string {
  const teens = number % 100 >= 11 && number % 100 <= 13;
  const ending = teens ? undefined : { 1: 'st', 2: 'nd', 3: 'rd' }[number % 10];
  return `${number}${ending ?? 'th'}`;
}

/** `0.4s`, `12s`, `3m 5s`, `2h 10m`. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, Math.round(seconds * 10) / 10)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes}m` : `${minutes}m ${whole % 60}s`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** `1 byte`, `512 bytes`, `1.5 KiB`, `64 MiB`, `1.2 GiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return counted(bytes, 'byte');
  const units = ['KiB', 'MiB', 'GiB'];
  let [amount, unit] = [bytes / 1024, 0];
  // Rounded first, so that `1024 KiB` never appears.
  while (Math.round(amount) >= 1024 && unit < units.length - 1) [amount, unit] = [amount / 1024, unit + 1];
  return `${amount < 9.95 ? Math.round(amount * 10) / 10 : Math.round(amount)} ${units[unit]}`;
}

/** `$0.0031`, `$1.20`; less than a hundredth of a cent is `under $0.0001`. */
export function costText(usd: number): string {
  if (usd < 0.0001) return 'under $0.0001';
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

/** `2026-11-23 11:02 UTC`. */
export function momentText(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Formats a time with its time zone: `Mar 4, 2026, 14:05:09 GMT+1`. */
export function timestamp(iso: string): string {
  return new Date(iso).toLocaleString(undefined, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}
