// The clock of the machine, as the helper uses it.
import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemTime } from "../../src/client/time.ts";

const DAY = 24 * 60 * 60_000;

describe("after", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("waits for months, past the longest delay that a timer holds", () => {
    const task = vi.fn();
    systemTime.after(90 * DAY, task);
    vi.advanceTimersByTime(90 * DAY - 1);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(90 * DAY);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it("runs within a minute of its time where the machine slept, whose timers stood still", () => {
    const task = vi.fn();
    systemTime.after(DAY, task);
    vi.setSystemTime(Date.now() + 2 * DAY);
    vi.advanceTimersByTime(60_001);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it("can be cancelled, at first and later on", () => {
    const task = vi.fn();
    systemTime.after(10, task)();
    const cancel = systemTime.after(DAY, task);
    vi.advanceTimersByTime(DAY / 2);
    cancel();
    vi.advanceTimersByTime(DAY);
    expect(task).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("runs what is due already, and later", () => {
    const task = vi.fn();
    systemTime.after(-5, task);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(0);
    expect(task).toHaveBeenCalledTimes(1);
  });
});

describe("sleep", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("wakes at its time", async () => {
    const sleeping = systemTime.sleep(1_000);
    vi.advanceTimersByTime(1_000);
    await sleeping;
  });

  it("wakes by its signal, and leaves nothing behind", async () => {
    const giveUp = new AbortController();
    const sleeping = systemTime.sleep(1_000, giveUp.signal);
    giveUp.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await expect(systemTime.sleep(1_000, giveUp.signal)).rejects.toThrow("enough");
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("lets a process end while a refresh is to come, and keeps it while somebody waits", async () => {
  const script = (body: string) =>
    `import { systemTime } from ${JSON.stringify(new URL("../../src/client/time.ts", import.meta.url).href)};${body}`;
  const run = (body: string) =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script(body)]);
      let output = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
      });
      child.on("close", (code) => resolve({ code, output }));
    });
  const [background, foreground] = await Promise.all([
    run("systemTime.after(3_600_000, () => {}); systemTime.after(10, () => console.log('ran'));"),
    run("await systemTime.sleep(10); console.log('slept');"),
  ]);
  expect(background).toEqual({ code: 0, output: "" });
  expect(foreground).toEqual({ code: 0, output: "slept\n" });
});
