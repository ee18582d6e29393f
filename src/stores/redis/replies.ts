// What Redis answers, and how it is read: an answer of another shape is a fault of our own scripts, and says so.

export type Reply = string | number | null | readonly Reply[];

/** What a client answered: of what is inside a list, each part is looked at when it is read. */
export function asReply(answer: unknown): Reply {
  if (isReply(answer)) return answer;
  throw new Error(`Redis answered a ${typeof answer}`);
}

function isReply(answer: unknown): answer is Reply {
  return answer === null || typeof answer === "string" || typeof answer === "number" || Array.isArray(answer);
}

/** Text; a number is written out. */
export function textOf(reply: Reply | undefined): string {
  if (typeof reply === "string") return reply;
  if (typeof reply === "number") return String(reply);
  throw unexpected("text", reply);
}

/** Text, or null where there is none. */
export function textOrNull(reply: Reply | undefined): string | null {
  return reply === null || reply === undefined ? null : textOf(reply);
}

/** A number, also one that came as text. */
export function numberOf(reply: Reply | undefined): number {
  const value = typeof reply === "string" && reply !== "" ? Number(reply) : reply;
  if (typeof value === "number" && !Number.isNaN(value)) return value;
  throw unexpected("a number", reply);
}

export function numberOrNull(reply: Reply | undefined): number | null {
  return reply === null || reply === undefined ? null : numberOf(reply);
}

/** 1 is yes, 0 and null are no. */
export function flagOf(reply: Reply | undefined): boolean {
  return reply !== null && reply !== undefined && numberOf(reply) !== 0;
}

export function listOf(reply: Reply | undefined): readonly Reply[] {
  if (typeof reply === "object" && reply !== null) return reply;
  throw unexpected("a list", reply);
}

function unexpected(expected: string, reply: Reply | undefined): Error {
  return new Error(`a script of the Redis store did not answer ${expected}: ${JSON.stringify(reply)?.slice(0, 200)}`);
}
