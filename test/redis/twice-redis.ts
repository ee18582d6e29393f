// A client that sends every script twice, as one does whose connection broke before the answer came.
import { Command, Redis } from "ioredis";
import { Scripts } from "../../src/stores/redis/scripts.ts";

/** What it admits is found by `standings`: its answer is a hint, and not repeated. */
const admit = new Scripts().get("admit");

/** Answers what the second one answered. */
export class TwiceRedis extends Redis {
  override async sendCommand(command: Command, stream?: Parameters<Redis["sendCommand"]>[1]): Promise<unknown> {
    const answer: unknown = await super.sendCommand(command, stream);
    const [script] = command.args;
    if (!/^eval(sha)?$/.test(command.name) || script === admit.sha1 || script === admit.text) return answer;
    return await super.sendCommand(new Command(command.name, command.args, { replyEncoding: "utf8" }), stream);
  }
}
