// Reads request bodies, whatever form the request came in: at most 16 KiB, in time, well-formed JSON objects only.
import type { Clock, StopTask } from "../clock.ts";
import { LoginError } from "../errors.ts";

/** The most a body may weigh, in bytes. */
const maxBodyBytes = 16 * 1024;
/** How long a peer may take to send its body. */
const bodyDeadlineSeconds = 10;
/** How deep objects and arrays may be nested. */
const maxDepth = 32;
/**
 * How much of a refused body is taken and thrown away before the connection is cut. A peer that is still sending when
 * its connection closes loses our answer, so the remains of a body that is merely too big are waited for.
 */
const maxDiscardedBytes = 8 * 1024 * 1024;
/** How long a peer that was too slow has left to take the answer, before the connection is cut. */
const lastWordsMilliseconds = 1_000;

/** A body on its way in, as both forms of the routes can give it. */
export interface BodyStream {
  /** Whether somebody receives it. */
  taken: boolean;
  /** Starts the flow; called at most once. */
  receive(sink: BodySink): void;
  /** Closes the connection. */
  cut(): void;
}

/** Where a body goes. What comes after the first `end` or `failed` means nothing. */
export interface BodySink {
  chunk(bytes: Uint8Array): void;
  end(): void;
  /** The peer went away, or the connection was cut. */
  failed(): void;
}

/** The body of a request: on its way, already read by a parser of the host's, or none. */
export type RequestBody =
  | { readonly kind: "none" }
  | { readonly kind: "parsed"; readonly value: unknown }
  | { readonly kind: "stream"; readonly stream: BodyStream };

/** A request as far as its body is concerned. */
export interface BodyRequest {
  readonly body: RequestBody;
  header(name: string): string | null;
}

/**
 * The JSON object that a request carries; no body at all is an empty one.
 * @throws LoginError `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`, `INVALID_REQUEST`
 */
export async function readJsonObject(request: BodyRequest, clock: Clock): Promise<Record<string, unknown>> {
  requireJson(request);
  const { body } = request;
  switch (body.kind) {
    case "none":
      return {};
    case "stream": {
      const declaredBytes = Number(request.header("content-length") ?? 0);
      return parseObject(await collect(body.stream, clock, maxBodyBytes, declaredBytes));
    }
    case "parsed":
      return fromHostParser(body.value);
  }
}

/** Takes the body that nobody read, within bounds, so that the connection stays of use to its peer. */
export function discardBody(body: RequestBody, clock: Clock): void {
  if (body.kind === "stream" && !body.stream.taken) collect(body.stream, clock, 0, 0).catch(() => {});
}

/** Whether a request announces a body: without either header there is none (RFC 9112, 6.3). */
export function announcesBody(request: Pick<BodyRequest, "header">): boolean {
  const length = request.header("content-length");
  return request.header("transfer-encoding") !== null || (length !== null && Number(length) !== 0);
}

/**
 * A body without a type is refused like one of another type: core's router does not hand such a body over, and both
 * forms of the routes must answer alike.
 */
function requireJson(request: BodyRequest): void {
  const contentType = request.header("content-type");
  if (contentType === null && !announcesBody(request)) return;
  const mediaType = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (mediaType === "application/json" || /^application\/[^/]+\+json$/.test(mediaType)) return;
  throw new LoginError("UNSUPPORTED_MEDIA_TYPE", "The request body must be application/json.");
}

function collect(stream: BodyStream, clock: Clock, maxBytes: number, declaredBytes: number): Promise<Uint8Array> {
  stream.taken = true;
  return new Promise((resolve, reject) => {
    let chunks: Uint8Array[] = [];
    let receivedBytes = 0;
    let refused = false;
    const refuse = (error: LoginError): void => {
      refused = true;
      chunks = [];
      reject(error);
    };
    let stopTimer: StopTask = clock.after(bodyDeadlineSeconds * 1000, () => {
      if (refused) return stream.cut();
      refuse(new LoginError("INVALID_REQUEST", "The request body took too long to arrive."));
      stopTimer = clock.after(lastWordsMilliseconds, () => stream.cut());
    });
    const refuseSize = (): void =>
      refuse(new LoginError("PAYLOAD_TOO_LARGE", `The request body exceeds ${maxBytes} bytes.`));

    if (declaredBytes > maxBytes) refuseSize();
    stream.receive({
      chunk(bytes) {
        receivedBytes += bytes.byteLength;
        if (receivedBytes > maxDiscardedBytes) stream.cut();
        else if (refused) return;
        else if (receivedBytes > maxBytes) refuseSize();
        else chunks.push(bytes);
      },
      end() {
        stopTimer();
        resolve(Buffer.concat(chunks));
      },
      failed() {
        stopTimer();
        reject(new LoginError("INVALID_REQUEST", "The request body ended before it was complete."));
      },
    });
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.byteLength === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    throw new LoginError("INVALID_REQUEST", "The request body is not valid JSON.");
  }
  return requireObject(value);
}

/** A host that mounts a body parser before the routes has spent the stream: its result is held to the same bounds. */
function fromHostParser(value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value === "string" || value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    requireSize(bytes.byteLength);
    return parseObject(bytes);
  }
  const object = requireObject(value);
  requireSize(Buffer.byteLength(JSON.stringify(object)));
  return object;
}

function requireSize(bytes: number): void {
  if (bytes > maxBodyBytes)
    throw new LoginError("PAYLOAD_TOO_LARGE", `The request body exceeds ${maxBodyBytes} bytes.`);
}

function requireObject(value: unknown): Record<string, unknown> {
  requirePlain(value, 1);
  if (isObject(value)) return value;
  throw new LoginError("INVALID_REQUEST", "The request body must be a JSON object.");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Refuses what is valid JSON and still a trap for the code behind: nesting that overflows a stack, `__proto__` as a
 * key, and halves of surrogate pairs, which all become one and the same character when they are stored or hashed.
 */
function requirePlain(value: unknown, depth: number): void {
  if (typeof value === "string") requireWellFormed(value);
  if (typeof value !== "object" || value === null) return;
  if (depth > maxDepth)
    throw new LoginError("INVALID_REQUEST", `The request body is nested deeper than ${maxDepth} levels.`);
  for (const [key, member] of Object.entries(value)) {
    if (key === "__proto__") throw new LoginError("INVALID_REQUEST", "The request body has a field named __proto__.");
    requireWellFormed(key);
    requirePlain(member, depth + 1);
  }
}

function requireWellFormed(text: string): void {
  if (!text.isWellFormed())
    throw new LoginError("INVALID_REQUEST", "The request body has text that is not valid Unicode.");
}
