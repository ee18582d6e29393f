// Lanes chosen by the game's own function, whatever that function does.
import { describe, expect, it } from "vitest";
import { createLaneChooser, defaultLane } from "../../src/login-queue/lanes.ts";
import type { KnownSession } from "../../src/login-queue/queue.ts";
import { recordingLogger } from "./setup.ts";

const weights = { member: 3, guest: 1 };
const lanes = () => weights;
const ann: KnownSession = { userId: "ann", sid: "sid-of-ann" };

describe("the lane chooser", () => {
  it("takes the first lane where there is no function", () => {
    const choose = createLaneChooser<KnownSession>({ lanes }, recordingLogger());
    expect(choose({ session: ann, hint: "guest" })).toBe("member");
    expect(defaultLane(weights)).toBe("member");
  });

  it("asks the function, with the session and the hint", () => {
    const seen: unknown[] = [];
    const choose = createLaneChooser<KnownSession>(
      {
        lanes,
        lane: (player) => {
          seen.push(player);
          return player.session === null ? "guest" : "member";
        },
      },
      recordingLogger(),
    );
    expect(choose({ session: null, hint: { wish: 1 } })).toBe("guest");
    expect(choose({ session: ann, hint: undefined })).toBe("member");
    expect(seen).toEqual([
      { session: null, hint: { wish: 1 } },
      { session: ann, hint: undefined },
    ]);
  });

  it.each<[string, () => unknown]>([
    ["no lane of that name", () => "vip"],
    ["a name from Object.prototype", () => "constructor"],
    ["no string", () => Promise.resolve("guest")],
    [
      "an error",
      () => {
        throw new Error("boom");
      },
    ],
  ])("falls back and says so once: %s", (_name, lane) => {
    const logger = recordingLogger();
    const choose = createLaneChooser<KnownSession>({ lanes, lane: lane as () => string }, logger);
    expect([1, 2, 3].map((hint) => choose({ session: null, hint }))).toEqual(["member", "member", "member"]);
    expect(logger.lines.map(({ level }) => level)).toEqual(["error"]);
  });
});
