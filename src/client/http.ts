// The HTTP calls of the helper, over the SDK's own `client.http`: its endpoint, headers, `urlBuilder` and `fetch` are the user's.
import type { WireLogin } from "../wire.ts";
import { fromHttp, LoginClientError } from "./errors.ts";
import type { SdkClient } from "./sdk.ts";
import { isLogin } from "./session.ts";
import type { Time } from "./time.ts";

/** A call that brought no answer by then counts as lost. */
const ANSWER_PATIENCE_MS = 20_000;

export class LoginHttp<V, D extends object> {
  #sdk: SdkClient;
  #prefix: string;
  #time: Time;

  constructor(sdk: SdkClient, prefix: string, time: Time) {
    this.#sdk = sdk;
    this.#prefix = prefix;
    this.#time = time;
  }

  authenticate(provider: string, body: object): Promise<WireLogin<V, D>> {
    return this.#login(`/authenticate/${encodeURIComponent(provider)}`, body);
  }

  refresh(body: { refreshToken: string; vars?: object; attempt: string }): Promise<WireLogin<V, D>> {
    return this.#login("/refresh", body);
  }

  async logout(body: { refreshToken: string; disconnectSockets?: boolean; everywhere?: boolean }): Promise<void> {
    await this.#post("/logout", body);
  }

  async #login(path: string, body: object): Promise<WireLogin<V, D>> {
    const data = await this.#post(path, body);
    if (isLogin<V, D>(data)) return data;
    throw new LoginClientError("UNEXPECTED_ANSWER", 200, "the answer is not one of a colyseus-login server");
  }

  async #post(path: string, body: object): Promise<unknown> {
    const patience = new AbortController();
    const stop = this.#time.after(ANSWER_PATIENCE_MS, () =>
      patience.abort(new LoginClientError("NETWORK", 0, "no answer in time")),
    );
    try {
      return (await this.#sdk.http.post(this.#prefix + path, { body, signal: patience.signal })).data;
    } catch (error) {
      throw fromHttp(error);
    } finally {
      stop();
    }
  }
}
