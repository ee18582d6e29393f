// Who is waited for, who is not any more, and how many sockets each told to close.
import { beforeEach, expect, it } from "vitest";
import { Acknowledgements, type Progress } from "../../src/stores/redis/acknowledgements.ts";
import { ManualClock } from "../support/manual-clock.ts";

let steady: ManualClock;
let look: () => Promise<Progress>;
let acknowledgements: Acknowledgements;

beforeEach(() => {
  steady = new ManualClock(0);
  look = async () => progress({ a: "0-0", b: "0-0" });
  acknowledgements = new Acknowledgements({ steady, look: () => look() });
});

function reply(id: string, by: string, closed: number, entry = "5-0") {
  const fields = { entry, by, closed: String(closed) };
  return { id, fields: new Map(Object.entries(fields)) };
}

function progress(alive: Record<string, string>, replies: Progress["replies"] = [], isComplete = true): Progress {
  return { alive: new Map(Object.entries(alive)), replies, isComplete };
}

it("adds up what all of them closed, and counts one that says it again once", async () => {
  const closed = acknowledgements.wait("5-0", ["a", "b"]);
  acknowledgements.hear([reply("1-0", "a", 3), reply("2-0", "a", 3), reply("3-0", "b", 4)]);
  expect(await closed).toBe(7);
});

it("knows those that were heard before anybody waited", async () => {
  acknowledgements.hear([reply("1-0", "a", 3), reply("2-0", "a", 3)]);
  const closed = acknowledgements.wait("5-0", ["a", "b"]);
  acknowledgements.hear([reply("3-0", "b", 4)]);
  expect(await closed).toBe(7);
});

it("reads the replies on by its own looks where the feed's reader does not, each reply once", async () => {
  const closed = acknowledgements.wait("5-0", ["a", "b"]);
  look = async () => progress({ a: "0-0", b: "0-0" }, [reply("1-0", "a", 3), reply("2-0", "b", 4)]);
  await steady.advance(250);
  acknowledgements.hear([reply("1-0", "a", 3), reply("2-0", "b", 4)]);
  expect(await closed).toBe(7);
  expect(acknowledgements.repliesRead).toBe("2-0");
});

it("does not pass over one whose word may be among the replies still to be read", async () => {
  const closed = acknowledgements.wait("5-0", ["a"]);
  look = async () => progress({ a: "6-0" }, [reply("1-0", "x", 1)], false);
  await steady.advance(250);
  look = async () => progress({ a: "6-0" }, [reply("2-0", "a", 9)]);
  await steady.advance(250);
  expect(await closed).toBe(9);
});

it("looks as long as somebody waits, and no longer", async () => {
  let looks = 0;
  look = async () => {
    looks += 1;
    return progress({});
  };
  expect(await Promise.all([acknowledgements.wait("5-0", ["a"]), steady.advance(250)])).toEqual([0, undefined]);
  await steady.advance(10_000);
  expect(looks).toBe(1);
});

it("gives up where Redis cannot be asked for longer than a lease runs", async () => {
  const closed = acknowledgements.wait("5-0", ["a"]);
  const refused = expect(closed).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  look = async () => {
    throw new Error("gone");
  };
  await steady.advance(3_500);
  look = async () => progress({ a: "0-0" });
  await steady.advance(250);
  look = async () => {
    throw new Error("gone again");
  };
  let given = false;
  void refused.then(() => {
    given = true;
  });
  await steady.advance(3_500);
  expect(given).toBe(false);
  await steady.advance(1_000);
  await refused;
});

it("leaves nobody waiting when the store closes", async () => {
  const closed = acknowledgements.wait("5-0", ["a"]);
  acknowledgements.close();
  await expect(closed).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});
