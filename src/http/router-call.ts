// The router form: a call read from the web Request of core's router, and an answer as a web Response.
import type { BodySink, BodyStream } from "./body.ts";
import type { Call } from "./call.ts";
import type { Answer } from "./reply.ts";

export function callOfRequest(
  request: Request,
  params: Readonly<Record<string, unknown>>,
  address: string | null,
): Call {
  return {
    address,
    body: request.body === null ? { kind: "none" } : { kind: "stream", stream: streamOf(request.body) },
    header: (name) => request.headers.get(name),
    headers: () => request.headers,
    param: (name) => String(params[name] ?? ""),
    query: (name) => new URL(request.url).searchParams.get(name),
    queries: () => new URL(request.url).searchParams,
  };
}

export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers });
}

function streamOf(stream: ReadableStream<Uint8Array>): BodyStream {
  const reader = stream.getReader();
  return {
    taken: false,
    receive(sink) {
      pump(reader, sink).catch(sink.failed);
    },
    /** Core's adapter answers a cancelled body by destroying its request, socket included. */
    cut() {
      reader.cancel().catch(() => {});
    },
  };
}

async function pump(reader: ReadableStreamDefaultReader<Uint8Array>, sink: BodySink): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return sink.end();
    sink.chunk(value);
  }
}
