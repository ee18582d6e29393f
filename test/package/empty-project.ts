// A project of somebody else: an empty folder with the packed tarball and its neighbours installed, as the README tells.
import { type ChildProcess, type ExecFileOptions, execFile, type StdioOptions, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";

const root = join(import.meta.dirname, "../..");

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** The README's first code block in `language` that `marker` occurs in, word for word. */
export async function readmeBlock(language: string, marker: string): Promise<string> {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const blocks = readme.split("```").filter((_text, index) => index % 2 === 1);
  const block = blocks.find((text) => text.startsWith(`${language}\n`) && text.includes(marker));
  if (block === undefined) throw new Error(`README.md has no ${language} code block with ${marker}`);
  return block.slice(language.length + 1);
}

export class EmptyProject {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<EmptyProject> {
    return new EmptyProject(await mkdtemp(join(tmpdir(), "colyseus-login-")));
  }

  /** Packs the library (which builds it) and installs it with its neighbours. Answers the names of the files packed. */
  async install(): Promise<string[]> {
    const packed = await this.#run("npm", ["pack", "--silent", "--pack-destination", this.folder], { cwd: root });
    const tarball = packed.trim().split("\n").at(-1) ?? "";
    await this.write("package.json", JSON.stringify(await manifest(tarball)));
    await this.#run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"]);
    return (await this.#run("tar", ["-tzf", tarball])).trim().split("\n");
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** Type-checks the given files strictly. Throws with the compiler's words. */
  async typeCheck(...files: string[]): Promise<void> {
    const strictness = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noUncheckedIndexedAccess",
      "--noImplicitReturns",
    ];
    const target = ["--noEmit", "--module", "nodenext", "--target", "es2023", "--types", "node", "--skipLibCheck"];
    await this.run(["node_modules/typescript/bin/tsc", ...strictness, ...target, ...files]);
  }

  /** Runs a program of the project to its end, or to the signal's, and answers what it printed. */
  async run(command: readonly string[], signal?: AbortSignal): Promise<string> {
    return await this.#run(process.execPath, command, { signal });
  }

  /** Starts a server and waits until it answers at `path`. The signal ends both the wait and the server. */
  async start(file: string, port: number, path: string, signal: AbortSignal): Promise<ChildProcess> {
    const env = { ...cleanEnvironment(), PORT: String(port) };
    const stdio: StdioOptions = ["ignore", "ignore", "inherit"];
    const server = spawn(process.execPath, [file], { cwd: this.folder, env, stdio });
    signal.addEventListener("abort", () => server.kill("SIGKILL"));
    const url = `http://localhost:${port}${path}`;
    while (!(await fetch(url, { signal }).catch(() => null))?.ok) {
      if (server.exitCode !== null) throw new Error(`${file} ended with ${server.exitCode}`);
      await setTimeout(100, undefined, { signal });
    }
    return server;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #run(command: string, args: readonly string[], options: ExecFileOptions = {}): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    execFile(command, args, { cwd: this.folder, env: cleanEnvironment(), ...options }, (error, stdout, stderr) => {
      if (error === null) resolve(String(stdout));
      else reject(new Error(`${command} ${args.join(" ")} failed: ${error.message}\n${stdout}\n${stderr}`));
    });
    return await promise;
  }
}

/** The versions that this repository is tested with, and the overrides that the README names. */
async function manifest(tarball: string) {
  const library = await readManifest("package.json");
  const example = await readManifest("example-server/package.json");
  return {
    private: true,
    type: "module",
    dependencies: {
      "colyseus-login": `file:${tarball}`,
      colyseus: example.dependencies["colyseus"],
      "@colyseus/sdk": example.dependencies["@colyseus/sdk"],
      express: example.dependencies["express"],
    },
    devDependencies: {
      "@types/express": library.devDependencies["@types/express"],
      "@types/node": library.devDependencies["@types/node"],
      typescript: library.devDependencies["typescript"],
    },
    ...JSON.parse(await readmeBlock("json", "overrides")),
  };
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, path), "utf8"));
}

/** Without what npm tells the scripts of this repository, so that another npm minds its own folder; with this very Node first on the PATH. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|vitest)/i.test(name) && !["NODE_ENV", "TEST"].includes(name),
  );
  const path = [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  return { ...Object.fromEntries(inherited), PATH: path };
}
