// Where the operator's dashboard is, and how its token is had: by the program of the package, from the keys of this server.
import { relative } from "node:path";
import { withLoginConfig } from "./config.ts";

interface Named {
  readonly prefix: string;
  readonly tokens: { readonly issuer?: string };
}

/** `keyFile`: where the keys are; null where the environment's LOGIN_CONFIG has them. */
export function describeDashboard(url: string, keyFile: string | null): string {
  const { prefix, tokens } = withLoginConfig<Named>({ prefix: "/auth", tokens: {} });
  const where = keyFile === null ? ", in a terminal with the same LOGIN_CONFIG" : "";
  const command = ["npx", "colyseus-login", "token", "operator", "--name", "you", ...keysIn(keyFile, tokens)];
  return `The operator's dashboard: ${url}${prefix}/operator/, with a token from${where}\n  ${command.map(asWord).join(" ")}`;
}

/** What the program is to be told of the keys. From LOGIN_CONFIG it has all of it. */
function keysIn(keyFile: string | null, { issuer }: Named["tokens"]): string[] {
  if (keyFile === null) return [];
  // npm runs the example in the folder of the project, or in its own; the command is typed where npm was.
  const file = relative(process.env["INIT_CWD"] ?? process.cwd(), keyFile) || keyFile;
  return ["--config", file, ...(issuer === undefined ? [] : ["--issuer", issuer])];
}

/** One word of a shell, whatever is in it. */
function asWord(text: string): string {
  return /^[\w./:@\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
