// A person at a browser: what they press and read, and everything their browser complains about.
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

export class Player {
  readonly page: Page;
  /** What the page's console said as an error, and what was thrown in the page. */
  readonly complaints: string[] = [];

  protected constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  /** Opens the page in a browser profile of its own. */
  static open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Player> {
    return Player.openAs(browser, url, options, (page) => new Player(page));
  }

  protected static async openAs<Person extends Player>(
    browser: Browser,
    url: string,
    options: BrowserContextOptions,
    toPerson: (page: Page) => Person,
  ): Promise<Person> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(40_000);
    const person = toPerson(await context.newPage());
    await person.page.goto(url);
    return person;
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Writes into the fields with these labels, of those that are to be seen. */
  async fill(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, text] of Object.entries(fields)) {
      await this.page.getByLabel(label, { exact: true }).filter({ visible: true }).fill(text);
    }
  }

  /** Follows the link of the newest mail in the outbox that has this one, as soon as there are so many mails. */
  async followMail(words: string, mails: number): Promise<void> {
    const list = this.page.locator("#mails");
    await list.locator(`:scope:has(> li:nth-child(${mails}))`).waitFor();
    await list.getByRole("link", { name: words }).first().click();
  }

  /** Resolves when the player is in the arena and sees their own marker. */
  async plays(): Promise<void> {
    await this.me.waitFor();
    await this.page.locator("#gone").waitFor({ state: "hidden" });
  }

  /** Resolves when the queue says that this is the player's place. */
  async waitsAt(place: number): Promise<void> {
    await this.page
      .locator("#place")
      .filter({ hasText: new RegExp(`^${place}$`), visible: true })
      .waitFor();
  }

  get me(): Locator {
    return this.page.locator(".player.me");
  }

  /** The marker of the player with this name. */
  marker(name: string): Locator {
    return this.page.locator(".player", { hasText: name });
  }

  /** Whose session this is. */
  async userId(): Promise<string> {
    return (await this.page.locator("#user").getAttribute("title")) ?? "";
  }

  reads(text: string | RegExp): Promise<void> {
    return this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** What the session panel says of something. */
  async session(what: "user" | "vars" | "expires"): Promise<string> {
    return (await this.page.locator(`#${what}`).textContent()) ?? "";
  }

  async where(marker: Locator): Promise<{ x: number; y: number }> {
    const box = await marker.boundingBox();
    if (box === null) throw new Error("this marker is not to be seen");
    return { x: box.x, y: box.y };
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}
