// Telling what happened: everybody hears it in order, and nobody who hears it can stop it.
import { describe, expect, it } from "vitest";
import { type Emit, Emitter } from "../../src/emitter.ts";

interface Events {
  said: { readonly word: string };
  done: { readonly count: number };
}

function setUp() {
  const failures: unknown[][] = [];
  const emitter = new Emitter<Events>((name, error) => failures.push([name, error]));
  const heard: string[] = [];
  return { emitter, failures, heard, say: (word: string) => emitter.emit("said", { word }) };
}

describe("an emitter", () => {
  it("tells each listener of its event, in the order in which they came, until it stops", () => {
    const { emitter, heard, say } = setUp();
    const stop = emitter.on("said", ({ word }) => heard.push(`first ${word}`));
    emitter.on("said", ({ word }) => heard.push(`second ${word}`));
    emitter.on("done", ({ count }) => heard.push(`done ${count}`));
    say("a");
    stop();
    stop();
    say("b");
    emitter.emit("done", { count: 1 });
    expect(heard).toEqual(["first a", "second a", "second b", "done 1"]);
  });

  it("takes the same function twice for two listeners", () => {
    const { emitter, heard, say } = setUp();
    const listener = ({ word }: Events["said"]) => heard.push(word);
    const stop = emitter.on("said", listener);
    emitter.on("said", listener);
    say("a");
    stop();
    say("b");
    expect(heard).toEqual(["a", "a", "b"]);
  });

  it("goes on past a listener that throws or rejects, and past one that never ends", async () => {
    const { emitter, failures, heard, say } = setUp();
    const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
    emitter.on("said", () => {
      throw thrown;
    });
    emitter.on("said", () => Promise.reject(rejected));
    emitter.on("said", () => new Promise(() => {}));
    emitter.on("said", ({ word }) => heard.push(word));
    say("a");
    expect(heard).toEqual(["a"]);
    await new Promise(setImmediate);
    expect(failures).toEqual([
      ["said", thrown],
      ["said", rejected],
    ]);
  });

  it("tells who comes in the midst of an event of the next one, and lets a listener stop itself", () => {
    const { emitter, heard, say } = setUp();
    const stop = emitter.on("said", ({ word }) => {
      heard.push(`once ${word}`);
      stop();
      emitter.on("said", (next) => heard.push(`late ${next.word}`));
      if (word === "a") say("b");
    });
    say("a");
    expect(heard).toEqual(["once a", "late b"]);
  });

  it("will do for a part that tells of fewer events", () => {
    const { emitter, heard } = setUp();
    const emit: Emit<Pick<Events, "done">> = emitter.emit;
    emitter.on("done", ({ count }) => heard.push(String(count)));
    emit("done", { count: 2 });
    expect(heard).toEqual(["2"]);
    // @ts-expect-error: no such event
    const wrong: Emit<{ lost: { count: number } }> = emitter.emit;
    expect(wrong).toBeTypeOf("function");
  });
});
