// A flood of failures is some lines and a number, and nothing rare is lost in it.
import { expect, it } from "vitest";
import { calmLogger } from "../../src/calm-logger.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLogger } from "../support/recording-logger.ts";

const minute = 60_000;

function setUp() {
  const clock = new ManualClock();
  const written = recordingLogger();
  const logger = calmLogger(written, clock);
  const texts = () => written.lines.splice(0).map(({ level, text }) => `${level} ${text}`);
  return { clock, logger, texts };
}

it("writes ten lines of a kind in a minute, and then how many more there were", async () => {
  const { clock, logger, texts } = setUp();
  for (let count = 0; count < 1_000; count += 1) logger.warn("colyseus-login: it rains", "cats");
  expect(texts()).toEqual(Array.from({ length: 10 }, () => "warn colyseus-login: it rains cats"));
  await clock.advance(minute - 1);
  expect(texts()).toEqual([]);
  await clock.advance(1);
  expect(texts()).toEqual(["warn colyseus-login: 990 more lines in one minute like: colyseus-login: it rains"]);
  logger.warn("colyseus-login: it rains");
  expect(texts()).toEqual(["warn colyseus-login: it rains"]);
  await clock.advance(minute);
  expect(texts()).toEqual([]);
});

it("takes lines that differ in short ids for one kind, and others, and other levels, for another", () => {
  const { logger, texts } = setUp();
  for (let count = 0; count < 50; count += 1) {
    logger.error(`colyseus-login: session ${String(count).padStart(8, "a-_")}… of user ${count + 10_000_000}… broke`);
  }
  expect(texts()).toHaveLength(10);
  logger.error("colyseus-login: another thing broke");
  logger.warn("colyseus-login: session abcdefgh… of user abcdefgh… broke");
  expect(texts()).toHaveLength(2);
});

it("knows short ids that are no tokens, as of users whom an account store names in its own way", () => {
  const { logger, texts } = setUp();
  for (let count = 0; count < 50; count += 1) logger.warn(`colyseus-login: user ü|${count}… came, user ${count}… went`);
  expect(texts()).toHaveLength(10);
});

it("tells at the end what it has left out so far, once", async () => {
  const { clock, logger, texts } = setUp();
  for (let count = 0; count < 25; count += 1) logger.warn("colyseus-login: it rains");
  logger.error("colyseus-login: it thunders");
  expect(texts()).toHaveLength(11);
  logger.flush();
  expect(texts()).toEqual(["warn colyseus-login: 15 more lines in one minute like: colyseus-login: it rains"]);
  logger.flush();
  await clock.advance(minute);
  expect(texts()).toEqual([]);
  logger.warn("colyseus-login: it rains");
  expect(texts()).toHaveLength(1);
});

it("holds no line for debugging or information back", () => {
  const { logger, texts } = setUp();
  for (let count = 0; count < 50; count += 1) {
    logger.debug("colyseus-login: a player");
    logger.info("colyseus-login: an operator");
  }
  expect(texts()).toHaveLength(100);
});

it("does not grow with the words of its lines", async () => {
  const { clock, logger, texts } = setUp();
  for (let count = 0; count < 5_000; count += 1) logger.warn(`colyseus-login: number ${count}`);
  expect(texts()).toHaveLength(1_010);
  await clock.advance(minute);
  expect(texts()).toEqual([expect.stringContaining("3990 more lines in one minute")]);
});
