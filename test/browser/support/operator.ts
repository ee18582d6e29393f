// A person who runs the game, at the dashboard: what they press and read.
import { execFileSync, execSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Locator } from "playwright-core";
import { exampleFolder } from "./example.ts";
import { Player } from "./player.ts";

const program = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

/** A token as `npx colyseus-login token` prints it, from the keys in this LOGIN_CONFIG. Left out: an operator's, of every scope. */
export function makeToken(config: object, args: readonly string[] = ["operator", "--name", "Ann"]): string {
  const env = { ...process.env, LOGIN_CONFIG: JSON.stringify(config) };
  return execFileSync(process.execPath, [program, "token", ...args], { env, encoding: "utf8" }).trim();
}

/** The token that a command prints which the example told: in the words of a shell, typed where npm was. */
export function runTokenCommand(command: string, config: object): string {
  const words = command.replace(/^npx colyseus-login /, '"$NODE" "$PROGRAM" ');
  const env = { ...process.env, LOGIN_CONFIG: JSON.stringify(config), NODE: process.execPath, PROGRAM: program };
  return execSync(words, { cwd: process.env["INIT_CWD"] ?? exampleFolder, env, encoding: "utf8" }).trim();
}

export class Operator extends Player {
  static async openDashboard(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Operator> {
    return Operator.openAs(browser, `${url}/auth/operator/`, options, (page) => new Operator(page));
  }

  /** Types the token in and presses Enter. */
  async signIn(token: string): Promise<void> {
    const field = this.page.getByLabel("Operator token", { exact: true });
    await field.fill(token);
    await field.press("Enter");
  }

  /** Resolves when the figures are there. */
  async sees(): Promise<void> {
    await this.page.locator("#connection[data-state=live]").waitFor();
  }

  async goTo(part: "Now" | "Tickets" | "Sessions" | "Access" | "Audit"): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: part, exact: true }).click();
    await this.page.getByRole("heading", { name: part, exact: true, level: 2 }).waitFor();
  }

  /** The large figure of a tile, as soon as it is this. */
  async figure(tile: "waiting" | "slots" | "mode", text: string): Promise<void> {
    await this.page
      .locator(`#tile-${tile} dd:not(.more)`)
      .filter({ hasText: new RegExp(`^${text}$`) })
      .waitFor();
  }

  lever(name: "rate" | "limit" | "mode" | "notice"): Locator {
    return this.page.locator(`#lever-${name}`);
  }

  /** Sets a lever, and confirms what it says it will do; answers those words. */
  async pull(name: "rate" | "limit" | "mode" | "notice", value: string): Promise<string> {
    const lever = this.lever(name);
    const field = lever.locator(".value");
    if (name === "mode") await field.selectOption(value);
    else await field.fill(value);
    await lever.getByRole("button", { name: `Change the ${name}…`, exact: true }).click();
    const question = lever.locator(".confirm");
    await question.waitFor();
    const words = (await question.textContent()) ?? "";
    await question.getByRole("button", { name: `Change the ${name}`, exact: true }).click();
    await lever.getByText(/^Done: /).waitFor();
    return words;
  }

  /** Answers the question that is open. */
  async confirm(button: string, fields: Readonly<Record<string, string>> = {}): Promise<void> {
    const question = this.page.locator(".confirm");
    for (const [label, text] of Object.entries(fields)) await question.getByLabel(label).fill(text);
    await question.getByRole("button", { name: button, exact: true }).click();
    await question.waitFor({ state: "detached" });
  }
}
