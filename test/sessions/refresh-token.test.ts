// Refresh tokens: one spelling, one maker.
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { randomId } from "../../src/random.ts";
import { RefreshTokens } from "../../src/sessions/refresh-token.ts";

const secret = "first secret of at least thirty-two bytes";
const tokens = new RefreshTokens({ current: secret });
const record = { sid: randomId(), generation: 7, nonce: randomId(), refreshSecretId: tokens.currentSecretId };

function proves(token: string, nonce = record.nonce, by = tokens): boolean {
  const parsed = by.parse(token);
  return parsed !== null && by.verify(parsed, nonce);
}

describe("a refresh token", () => {
  it("is base64url(sid).generation.base64url(MAC), the MAC over length-prefixed sid, generation and nonce", () => {
    const prefixed = [record.sid, "7", record.nonce].flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, Buffer.from(part)];
    });
    const mac = createHmac("sha256", secret).update(Buffer.concat(prefixed)).digest("base64url");
    expect(tokens.mint(record)).toBe(`${record.sid}.7.${mac}`);
  });

  it("is the same each time it is minted, and verified by its own session alone", () => {
    const token = tokens.mint(record);
    expect(tokens.mint(record)).toBe(token);
    expect(tokens.parse(token)).toMatchObject({ sid: record.sid, generation: 7 });
    expect(proves(token)).toBe(true);
    expect(proves(token, randomId())).toBe(false);
  });

  it("S11 no other sid, generation or MAC is proved by it", () => {
    const [sid, generation, mac] = tokens.mint(record).split(".");
    const forged = [
      `${randomId()}.${generation}.${mac}`,
      `${sid}.8.${mac}`,
      `${sid}.6.${mac}`,
      `${sid}.${generation}.${randomId(32)}`,
      tokens.mint({ ...record, generation: 8 }).replace(".8.", ".7."),
    ];
    for (const token of forged) {
      expect(tokens.parse(token)).not.toBeNull();
      expect(proves(token)).toBe(false);
    }
  });

  it("S11 the longest generation is read, a longer one is not", () => {
    const longest = tokens.mint({ ...record, generation: 9_999_999_999 });
    expect(tokens.parse(longest)?.generation).toBe(9_999_999_999);
    expect(tokens.parse(tokens.mint({ ...record, generation: 10_000_000_000 }))).toBeNull();
  });

  describe("S11 has one spelling", () => {
    const token = tokens.mint(record);
    const [sid = "", generation = "", mac = ""] = token.split(".");
    /** The character after it in the alphabet decodes to the same bytes in the last place. */
    const idleBits = (part: string) => {
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const last = part.at(-1) ?? "";
      return part.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1];
    };
    it.each([
      ["idle bits of the sid", `${idleBits(sid)}.${generation}.${mac}`],
      ["idle bits of the MAC", `${sid}.${generation}.${idleBits(mac)}`],
      ["padding", `${sid}.${generation}.${mac}=`],
      ["padding of the sid", `${sid}==.${generation}.${mac}`],
      ["base64 instead of base64url", `${sid}.${generation}.${mac.replace(/.$/, "+")}`],
      ["a leading zero", `${sid}.0${generation}.${mac}`],
      ["a sign", `${sid}.+${generation}.${mac}`],
      ["a negative generation", `${sid}.-1.${mac}`],
      ["generation zero", `${sid}.0.${mac}`],
      ["a fraction", `${sid}.7.0.${mac}`],
      ["an exponent", `${sid}.7e0.${mac}`],
      ["hexadecimal", `${sid}.0x7.${mac}`],
      ["digits of another script", `${sid}.٧.${mac}`],
      ["no generation", `${sid}..${mac}`],
      ["a space before", ` ${token}`],
      ["a space after", `${token} `],
      ["a line end after", `${token}\n`],
      ["a fourth part", `${token}.x`],
      ["two parts", `${sid}.${mac}`],
      ["nothing", ""],
      ["a longer MAC", `${token}A`],
      ["a shorter MAC", token.slice(0, -1)],
      ["no end", `${token}${"A".repeat(100_000)}`],
    ])("not with %s", (_name, spelled) => {
      expect(tokens.parse(spelled)).toBeNull();
    });
  });
});

describe("S09 rotation of secrets", () => {
  const second = "second secret of at least thirty-two bytes";
  const rotated = new RefreshTokens({ current: second, previous: [secret] });

  it("what the previous secret minted is verified and repeated to the letter", () => {
    const token = tokens.mint(record);
    expect(proves(token, record.nonce, rotated)).toBe(true);
    expect(rotated.mint(record)).toBe(token);
  });

  it("the current secret mints from then on", () => {
    expect(rotated.currentSecretId).not.toBe(tokens.currentSecretId);
    const token = rotated.mint({ ...record, refreshSecretId: rotated.currentSecretId });
    expect(token).not.toBe(tokens.mint(record));
    expect(proves(token, record.nonce, new RefreshTokens({ current: second }))).toBe(true);
  });

  it("a secret that is gone proves nothing; its generation is minted anew by the current one", () => {
    const alone = new RefreshTokens({ current: second });
    expect(proves(tokens.mint(record), record.nonce, alone)).toBe(false);
    expect(proves(alone.mint(record), record.nonce, alone)).toBe(true);
  });
});

describe("secrets", () => {
  it.each([{ current: "" }, { current: secret, previous: [""] }, { current: 5 }, {}])(
    "%j are refused, unquoted",
    (secrets) => {
      const make = () => new RefreshTokens(secrets as { current: string });
      expect(make).toThrow(TypeError);
      expect(make).toThrow(/^tokens\.refreshSecrets\.(current|previous\[0\]): expected a secret string$/);
    },
  );

  it("are named by a short hash that does not contain them", () => {
    expect(tokens.currentSecretId).toMatch(/^[\w-]{8}$/);
    expect(new RefreshTokens({ current: secret }).currentSecretId).toBe(tokens.currentSecretId);
  });
});
