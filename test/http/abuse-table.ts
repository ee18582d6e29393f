// Requests that nobody should send, each with the answer it must get in both forms.
export interface Abuse {
  readonly title: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly status: number;
  readonly code: string;
  /** Part of the message. */
  readonly says?: string;
}

const json = { "content-type": "application/json" };
const bearer = { authorization: "Bearer header.payload.signature" };
export const bodyPaths = [
  "/authenticate/device",
  "/anonymous",
  "/refresh",
  "/logout",
  "/login",
  "/register",
  "/forgot-password",
  "/reset-password",
  "/verify-email",
  "/change-password",
  "/link/device",
  "/user",
  "/queue",
] as const;
/** The method of those that are no POST. */
export const bodyMethods: { readonly [path: string]: string } = { "/user": "PATCH" };
/** Those that ask for a token before they look at a body. */
export const guardedPaths: ReadonlySet<string> = new Set(["/change-password", "/link/device", "/user"]);
/** A body that each of them takes. */
export const goodBody = {
  refreshToken: "refresh",
  email: "ada@example.org",
  password: "a horse",
  newPassword: "another",
  token: "header.payload.signature",
  username: "Ada",
};

const nested = (levels: number): string => `{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`;
const padded = (bytes: number): string => `{"a":"${"x".repeat(bytes - 8)}"}`;

const invalid = { status: 400, code: "INVALID_REQUEST" };
const tooLarge = { status: 413, code: "PAYLOAD_TOO_LARGE" };
const wrongType = { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" };

const bodies: readonly (Pick<Abuse, "title" | "body" | "status" | "code"> & { readonly type?: string })[] = [
  ...["[]", "[{}]", "null", '"text"', "7", "true"].map((body) => ({
    title: `not an object: ${body}`,
    body,
    ...invalid,
  })),
  ...["{", '{"a":}', "{a:1}", " ", "\0", "{}{}", "a=b"].map((body) => ({
    title: `not JSON: ${JSON.stringify(body)}`,
    body,
    ...invalid,
  })),
  {
    title: "not UTF-8",
    body: new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d]),
    ...invalid,
  },
  { title: "UTF-16", body: new Uint8Array(Buffer.from("\ufeff{}", "utf16le")), ...invalid },
  { title: "half a surrogate pair", body: '{"a":"\\ud800"}', ...invalid },
  { title: "half a surrogate pair as a key", body: '{"\\udc00":1}', ...invalid },
  { title: "nested 33 deep", body: nested(32), ...invalid },
  { title: "nested 8 000 deep", body: nested(8_000), ...invalid },
  { title: "nested 8 000 deep and cut off", body: "[".repeat(8_000), ...invalid },
  { title: "__proto__", body: '{"__proto__":{"refreshToken":"refresh","create":false}}', ...invalid },
  { title: "__proto__ further in", body: '{"a":[{"b":{"__proto__":null}}]}', ...invalid },
  { title: "16 KiB + 1", body: padded(16 * 1024 + 1), ...tooLarge },
  { title: "5 MB", body: padded(5_000_000), ...tooLarge },
  { title: "5 MB of another type", body: padded(5_000_000), type: "text/plain", ...wrongType },
  ...[
    "text/plain",
    "text/json",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "application/jsonx",
    "application/",
    "json",
    "application/xml, application/json",
    ";;;",
  ].map((type) => ({ title: `typed ${type}`, body: "{}", type, ...wrongType })),
];

const notText = [null, 7, true, [], {}, ["x"]];
const notBoolean = [null, 0, "true", [], {}];
const notVars = [
  null,
  "a",
  7,
  [],
  [["a", "b"]],
  { a: 1 },
  { a: null },
  { a: { b: "c" } },
  { constructor: "x" },
  { a: "\u0000" },
  { a: "x".repeat(257) },
  { ["x".repeat(65)]: "a" },
  Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`key${index}`, "a"])),
  Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, "é".repeat(100)])),
];
const longText = "x".repeat(4_097);

const missingOrNotText = [undefined, ...notText, "x".repeat(1_025)];
const emailLogin = { email: "ada@example.org", password: "a horse" };
const mailed = { token: "header.payload.signature", password: "a horse" };
const wrongEmailLogin = {
  email: missingOrNotText,
  password: missingOrNotText,
  vars: notVars,
  queuePass: [...notText, longText],
  gameShardId: [...notText, "", "x".repeat(65)],
  options: ["x", 7, true, [], [{}], { vars: [] }, { queuePass: null }, { username: 7 }],
};

/** By path: fields with values they must not have, and the rest of a body that is right. */
const fields: Readonly<
  Record<(typeof bodyPaths)[number], { rest?: object; wrong: Record<string, readonly unknown[]> }>
> = {
  "/authenticate/device": {
    wrong: {
      create: notBoolean,
      username: notText,
      vars: notVars,
      queuePass: [...notText, longText],
      gameShardId: [...notText, "", "x".repeat(65)],
    },
  },
  "/anonymous": {
    wrong: {
      create: notBoolean,
      vars: notVars,
      queuePass: [...notText, longText],
      options: ["x", 7, true, [], [{}], { vars: [] }, { queuePass: null }, { create: "yes" }],
    },
  },
  "/refresh": {
    rest: { refreshToken: "refresh" },
    wrong: {
      refreshToken: [undefined, ...notText, longText],
      vars: notVars,
      attempt: [...notText, "", "x".repeat(15), "x".repeat(65)],
    },
  },
  "/logout": { wrong: { refreshToken: notText, disconnectSockets: notBoolean, everywhere: notBoolean } },
  "/login": { rest: emailLogin, wrong: { ...wrongEmailLogin } },
  "/register": { rest: emailLogin, wrong: { ...wrongEmailLogin, username: notText } },
  "/forgot-password": { wrong: { email: [undefined, ...notText, longText] } },
  "/reset-password": { rest: mailed, wrong: { token: [undefined, ...notText, longText], password: missingOrNotText } },
  "/verify-email": { wrong: { token: [undefined, ...notText, longText] } },
  "/change-password": {
    rest: { password: "a horse", newPassword: "another" },
    wrong: { password: missingOrNotText, newPassword: missingOrNotText },
  },
  "/link/device": { wrong: {} },
  "/user": { wrong: { username: [undefined, ...notText] } },
  "/queue": { wrong: { ticket: [...notText, longText] } },
};

export const bodyAbuse: readonly Abuse[] = bodyPaths.flatMap((path) => [
  ...bodies.map(({ type, ...abuse }) => ({
    ...abuse,
    method: bodyMethods[path] ?? "POST",
    path,
    headers: { ...bearer, ...(type === undefined ? json : { "content-type": type }) },
  })),
  ...Object.entries(fields[path].wrong).flatMap(([field, values]) =>
    values.map((value) => ({
      title: `${field}: ${JSON.stringify(value)?.slice(0, 40) ?? "missing"}`,
      method: bodyMethods[path] ?? "POST",
      path,
      headers: { ...bearer, ...json },
      body: JSON.stringify({ ...fields[path].rest, [field]: value }),
      says: field,
      ...invalid,
    })),
  ),
]);

const bearers: readonly (readonly [string, string | null])[] = [
  ["none", null],
  ["empty", ""],
  ["no token", "Bearer"],
  ["a blank token", "Bearer  "],
  ["two spaces", "Bearer  a.b.c"],
  ["two tokens", "Bearer a.b.c d.e.f"],
  ["a list", "Bearer a.b.c, Bearer d.e.f"],
  ["a tab", "Bearer\ta.b.c"],
  ["no scheme", "a.b.c"],
  ["another scheme", "Basic YTpi"],
  ["a scheme that only begins alike", "BearerToken a.b.c"],
  ["quotes", 'Bearer "a.b.c"'],
  ["other alphabets", "Bearer \xe9\xff"],
  ["padding inside", "Bearer a=b"],
  ["__proto__", "__proto__"],
  ["4 097 bytes", `Bearer ${"x".repeat(4_097)}`],
  ["12 KB", `Bearer ${"x".repeat(12_000)}`],
];

/** Calls whose body is looked at once there is a token. */
const guardedCalls = [
  ["POST", "/change-password"],
  ["POST", "/link/device"],
  ["PATCH", "/user"],
] as const;

const bearerCalls = [
  ["GET", "/session"],
  ["GET", "/sessions"],
  ["GET", "/userdata"],
  ["GET", "/link"],
  ["DELETE", "/link/device"],
  ["GET", "/queue"],
  ["DELETE", "/queue"],
] as const;

/** Bearers that never reach the login. */
export const bearerAbuse: readonly Abuse[] = [...bearerCalls, ...guardedCalls].flatMap(([method, path]) =>
  bearers.map(([title, authorization]) => ({
    title,
    method,
    path,
    ...(authorization !== null && { headers: { authorization } }),
    status: 401,
    code: "TOKEN_INVALID",
  })),
);

/** What only looks like a token: it goes to the login, which refuses it. */
export const garbageTokens = [
  "x",
  "a.b.c",
  "..",
  "e30.e30.",
  "x".repeat(4_096),
  "-",
  "~/+==",
  "null",
  "undefined",
  "__proto__",
];

const providers: readonly (readonly [string, number])[] = [
  ["%", 400],
  ["%zz", 400],
  ["%c0%af", 400],
  ["%e0%a4%a", 400],
  ["device%ff", 400],
  ["%00", 404],
  ["..%2f..%2fetc", 404],
  ["__proto__", 404],
  ["constructor", 404],
  ["toString", 404],
  ["DEVICE", 404],
  ["device%20", 404],
  ["%f0%9f%92%a9", 404],
  [":provider", 404],
  ["*", 404],
  ["x".repeat(8_000), 404],
];

export const pathAbuse: readonly Abuse[] = [
  ...providers.map(([provider, status]) => ({
    title: `provider ${provider.slice(0, 20)}`,
    method: "POST",
    path: `/authenticate/${provider}`,
    status,
    code: status === 400 ? "INVALID_REQUEST" : "NOT_FOUND",
  })),
  ...providers.flatMap(([provider, status]) =>
    ["POST", "DELETE"].map((method) => ({
      title: `linked provider ${provider.slice(0, 20)}`,
      method,
      path: `/link/${provider}`,
      headers: bearer,
      status,
      code: status === 400 ? "INVALID_REQUEST" : "NOT_FOUND",
    })),
  ),
  ...["-1", "x", "1.5", "1e3", "", "0x10", "9999999999", "NaN", "%00", "[]", "__proto__"].map((from) => ({
    title: `from=${from}`,
    path: `/sessions?from=${from}`,
    headers: { authorization: "Bearer header.payload.signature" },
    status: 400,
    code: "INVALID_REQUEST",
  })),
];
