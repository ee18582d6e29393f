// The express form: a call read from Node's request, and an answer written to Node's response, with nothing in between.
import type { IncomingMessage, ServerResponse } from "node:http";
import { announcesBody, type BodyStream, type RequestBody } from "./body.ts";
import type { Call } from "./call.ts";
import type { Answer } from "./reply.ts";

/** What express adds to Node's request, as far as it matters here. */
export interface HostMessage extends IncomingMessage {
  /** The path a router is mounted at, cut from `url`. */
  readonly baseUrl?: string;
  /** Set by a body parser of the host's. */
  readonly body?: unknown;
}

/** The path of a request's target, without its query. */
export function pathOf({ url = "/" }: Pick<IncomingMessage, "url">): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

export function callOfMessage(
  message: HostMessage,
  params: Readonly<Record<string, string>>,
  address: string | null,
): Call {
  const header = (name: string): string | null => {
    const value = message.headers[name];
    return Array.isArray(value) ? value.join(", ") : (value ?? null);
  };
  const queries = (): URLSearchParams => new URLSearchParams(message.url?.slice(pathOf(message).length));
  return {
    address,
    body: bodyOf(message, header),
    header,
    headers: () => headersOf(message),
    param: (name) => params[name] ?? "",
    query: (name) => queries().get(name),
    queries,
  };
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body ?? undefined);
}

/** What a host's parser left counts only where the stream is spent: old ones leave `{}` behind where they read nothing. */
function bodyOf(message: HostMessage, header: (name: string) => string | null): RequestBody {
  if (message.readableEnded) return { kind: "parsed", value: message.body };
  return announcesBody({ header }) ? { kind: "stream", stream: streamOf(message) } : { kind: "none" };
}

function streamOf(message: IncomingMessage): BodyStream {
  return {
    taken: false,
    receive(sink) {
      message.on("data", (chunk: Uint8Array | string) =>
        sink.chunk(typeof chunk === "string" ? Buffer.from(chunk) : chunk),
      );
      message.on("end", sink.end);
      message.on("error", sink.failed);
    },
    cut: () => message.destroy(),
  };
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}
