// Finds and starts the machine's own Chromium for the browser tests.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const commands = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const applications = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * What opens below Chromium's address bar are pages in processes of their own, for every window: more work than the page under test.
 * The last such list is the one that counts, so this one takes the place of Playwright's.
 */
const unseenFeatures = "WebUIOmniboxPopup,WebUIOmniboxAimPopup";

/** The path of a Chromium, or null. `CHROMIUM_PATH` goes before what is on the PATH. */
export function findChromium(): string | null {
  const chosen = process.env["CHROMIUM_PATH"];
  if (chosen) return chosen;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = [
    ...commands.flatMap((command) => folders.map((folder) => join(folder, command))),
    ...applications,
  ];
  return candidates.find(isExecutable) ?? null;
}

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("Chromium is missing: run `npm run prerequisites`");
  // Chromium's sandbox refuses to run as root, which is what containers do.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return await chromium.launch({ executablePath, args: [...sandbox, `--disable-features=${unseenFeatures}`] });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
