// Serves the dashboard: its page at `/operator/`, and the files that the page is made of. What is not listed here cannot be asked for.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { LoginError } from "../errors.ts";
import { decodeParam } from "../http/call.ts";
import type { Route } from "../http/dual-mode.ts";
import type { Answer } from "../http/reply.ts";

/** In the folder `dashboard`. */
const ownFiles = [
  "access-form.js",
  "access-view.js",
  "alerts.js",
  "announcer.js",
  "api.js",
  "audit-view.js",
  "audit-words.js",
  "ban-form.js",
  "changes.js",
  "chart.js",
  "charts.js",
  "confirm.js",
  "dashboard.css",
  "dom.js",
  "done.js",
  "durations.js",
  "error-words.js",
  "forecast-panel.js",
  "forecast-words.js",
  "forms.css",
  "history.js",
  "levers.js",
  "lists.css",
  "live.js",
  "main.js",
  "mode-words.js",
  "more-settings.js",
  "pages.js",
  "poller.js",
  "preview.js",
  "session-item.js",
  "sessions-view.js",
  "setting-field.js",
  "setting-words.js",
  "sign-in.js",
  "ticket-item.js",
  "tickets-view.js",
  "tiles.js",
  "token.js",
] as const;

const require = createRequire(import.meta.url);

/** Of the package that draws the charts. */
const chartFiles = [
  ["uPlot.iife.min.js", () => require.resolve("uplot/dist/uPlot.iife.min.js")],
  ["uPlot.min.css", () => require.resolve("uplot/dist/uPlot.min.css")],
] as const;

/** The page may load and call what this server serves, run nothing that stands in the page itself, and be framed by nobody. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const contentTypes: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/** The routes of the dashboard. They ask for no token: all that is secret comes from the calls that the page makes. */
export function dashboardRoutes(): Route[] {
  const page = new StaticFile("index.html", () => inFolder("index.html"));
  const files = new Map<string, StaticFile>([
    ...ownFiles.map((name) => [name, new StaticFile(name, () => inFolder(name))] as const),
    ...chartFiles.map(([name, find]) => [name, new StaticFile(name, find)] as const),
  ]);
  return [
    {
      name: "login-operator-page",
      method: "GET",
      path: "/operator/",
      summary: "The operator's dashboard",
      handle: () => page.answer(),
    },
    {
      name: "login-operator-page-file",
      method: "GET",
      path: "/operator/page/:file",
      summary: "A file of the operator's dashboard",
      async handle(call) {
        const file = files.get(decodeParam(call, "file"));
        if (file === undefined) throw new LoginError("NOT_FOUND", "The dashboard has no such file.");
        return file.answer();
      },
    },
  ];
}

function inFolder(name: string): string {
  return fileURLToPath(new URL(`dashboard/${name}`, import.meta.url));
}

/** A file that is read when it is first asked for, and kept: a server that nobody watches carries none. */
class StaticFile {
  readonly #name: string;
  readonly #find: () => string;
  #answer: Promise<Answer> | null = null;

  /** `find` answers its path: a server whose packages were bundled may not have it, and is to start all the same. */
  constructor(name: string, find: () => string) {
    this.#name = name;
    this.#find = find;
  }

  answer(): Promise<Answer> {
    const answer = this.#answer ?? this.#read();
    this.#answer = answer;
    answer.catch(() => {
      this.#answer = null;
    });
    return answer;
  }

  async #read(): Promise<Answer> {
    const headers = {
      "content-type": contentTypes[this.#name.slice(this.#name.lastIndexOf(".") + 1)] ?? "text/plain",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "content-security-policy": contentSecurityPolicy,
    };
    return { status: 200, headers, body: await readFile(this.#find(), "utf8") };
  }
}
