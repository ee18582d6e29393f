// The login's HTTP calls that the helper has no method for. A refusal is thrown with the code that the server gave it.

export class Calls {
  #client;
  #login;

  constructor(client, login) {
    this.#client = client;
    this.#login = login;
  }

  get(path) {
    return this.#send("get", path);
  }

  post(path, body) {
    return this.#send("post", path, { body });
  }

  patch(path, body) {
    return this.#send("patch", path, { body });
  }

  async #send(method, path, options) {
    if (this.#login.session?.isExpired()) await this.#login.refresh();
    try {
      return (await this.#client.http[method](`/auth${path}`, options)).data;
    } catch (error) {
      const { code, message } = error.data ?? {};
      if (typeof code !== "string") throw error;
      // The helper finds out by itself that the session is over, and tells the page.
      if (code === "SESSION_REVOKED" || code === "BANNED") await this.#login.refresh().catch(() => {});
      throw Object.assign(new Error(message), error.data);
    }
  }
}
