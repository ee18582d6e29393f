// A child process that does not outlive this one: both ends of its channel notice when the other is gone.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/**
 * Starts a module as a process of its own. It is in a process group of its own too: Ctrl+C in a terminal reaches this process
 * alone, which tells its children in the right order.
 */
export function startChild(module: URL, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return fork(module, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
}

/** Resolves when the child is gone and all it said was read. */
export async function ended(child: ChildProcess): Promise<string> {
  const [code, signal]: unknown[] = await once(child, "close");
  return typeof signal === "string" ? signal : `code ${code}`;
}

/** For the child: calls back when the process that started it is gone, however it went. */
export function whenParentIsGone(callback: () => void): void {
  process.once("disconnect", callback);
}
