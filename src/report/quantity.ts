/** Writes a number to three digits, two below 1, so that a small area does not read as 0. */
export function quantity(value: number): string {
  const digits = Math.abs(value) < 1 ? 2 : Math.max(3, Math.ceil(Math.log10(Math.abs(value) + 1)));
  return value.toLocaleString('en-US', { maximumSignificantDigits: digits });
}
