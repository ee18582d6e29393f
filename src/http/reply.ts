// Answers, apart from the form they are sent in: JSON of at most 60 KiB, nothing cached unless it says so.
import type { LoginError } from "../errors.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The most an answer may weigh, in bytes: core's router form hangs on more than 65 110. */
export const maxAnswerBytes = 60 * 1024;

const notCached = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** An answer that carries `value`. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  const { body, headers: own } = text(JSON.stringify(value), "application/json");
  return { status, headers: { ...own, ...headers }, body };
}

/** An answer of any other type. */
export function text(body: string, contentType: string): Answer {
  const bytes = Buffer.byteLength(body);
  if (bytes > maxAnswerBytes) throw new Error(`an answer of ${bytes} bytes, ${maxAnswerBytes} are allowed`);
  return { status: 200, headers: { ...notCached, "content-type": contentType }, body };
}

/** 204. */
export const nothing: Answer = Object.freeze({ status: 204, headers: notCached, body: null });

/** The answer to a call that was refused. */
export function refusal(error: LoginError): Answer {
  const body = refusalBody(error);
  const { retryAfterSeconds } = body;
  return json(body, error.status, {
    ...(error.status === 401 && { "www-authenticate": "Bearer" }),
    ...(retryAfterSeconds !== undefined && { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
  });
}

/**
 * What the answer carries. A store that is away is to be asked again in some seconds, drawn per answer: those who were refused
 * together do not come back together to a store that is just up again.
 */
export function refusalBody(error: LoginError): ReturnType<LoginError["toJSON"]> {
  const body = error.toJSON();
  if (error.code !== "STORE_UNAVAILABLE") return body;
  return { retryAfterSeconds: 2 + Math.floor(Math.random() * 4), ...body };
}

/**
 * The answer to a call that failed by a fault of ours or of the host's own code (a hook, a provider, an account store).
 * 500, because any other status would tell the peer to mend its request, or monitoring that all is well. No input may
 * lead here.
 */
export function failure(): Answer {
  return json({ code: "INTERNAL", message: "The server failed to answer." }, 500);
}
