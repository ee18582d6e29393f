// Starts a second process of the benchmark and talks to it, so that the load does not run in the process that is measured.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A helper process that answers one command at a time. */
export class LoadProcess {
  readonly #child: ChildProcess;

  constructor(module: string) {
    this.#child = fork(fileURLToPath(new URL(`./${module}`, import.meta.url)), { execArgv: [] });
  }

  /** Sends a command and waits for its answer. */
  ask<Answer>(command: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        this.#child.off("message", onMessage);
        this.#child.off("exit", onExit);
        act();
      };
      const onMessage = (message: { answer?: Answer; error?: string }): void => {
        // The framework has messages of its own for whoever started the process.
        if (!("answer" in message) && !("error" in message)) return;
        finish(() =>
          message.error === undefined ? resolve(message.answer as Answer) : reject(new Error(message.error)),
        );
      };
      const onExit = (code: number | null): void =>
        finish(() => reject(new Error(`the load process ended with ${code}`)));
      this.#child.on("message", onMessage);
      this.#child.on("exit", onExit);
      this.#child.send(command);
    });
  }

  stop(): void {
    this.#child.kill();
  }
}

/** The other side: answers each command that the parent sends. */
export function answerCommands(handlers: Record<string, (command: never) => Promise<unknown>>): void {
  // Whoever started it is gone.
  process.once("disconnect", () => process.exit());
  process.on("message", async (command: { type: string }) => {
    try {
      const handler = handlers[command.type];
      if (handler === undefined) throw new Error(`no command ${command.type}`);
      process.send?.({ answer: (await handler(command as never)) ?? null });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}
