// Whether a name can be shown to others and stand in a line of a log, whoever chose it; and any text made fit for one.

/** Control characters, line ends of Unicode, halves of a pair, and what turns the direction of the text around it. */
const disturbing = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202A-\u202E\u2066-\u2069]+/gu;

/** A string of 1 to `maxLength` characters, none of which breaks a line or turns the text around it. */
export function isPlainName(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value !== "" && [...value].length <= maxLength && value === oneLine(value);
}

/** The text without what breaks a line or turns the text around it. */
export function oneLine(text: string): string {
  return text.replace(disturbing, " ");
}
