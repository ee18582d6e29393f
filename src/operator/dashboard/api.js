// The calls of the operator's side, by the token of this tab. Whatever fails is thrown as an error with a code.

const answerWithinMs = 10_000;

export class Api {
  #token = null;
  /** Called with the error when the token itself turns out to be at fault. */
  onSignedOut = () => {};

  set token(token) {
    this.#token = token;
  }

  get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.#send("GET", search === "" ? path : `${path}?${search}`);
  }

  patch(path, body) {
    return this.#send("PATCH", path, body);
  }

  post(path, body = {}) {
    return this.#send("POST", path, body);
  }

  put(path, body) {
    return this.#send("PUT", path, body);
  }

  delete(path) {
    return this.#send("DELETE", path);
  }

  async #send(method, path, body) {
    const token = this.#token;
    try {
      return await this.#exchange(method, path, body, token);
    } catch (error) {
      // Whoever hears of a failure is to know what it was that failed.
      throw Object.assign(error, { isOfChange: method !== "GET" });
    }
  }

  async #exchange(method, path, body, token) {
    const response = await this.#fetch(method, path, body, token);
    const answer = await readJson(response);
    if (response.ok) return answer;
    const { code, message = "", ...details } = answer ?? {};
    const error =
      typeof code === "string"
        ? failure(code, String(message), { ...details, status: response.status })
        : failure("UNEXPECTED_ANSWER", "", { status: response.status });
    // An answer to a token that is no longer in use says nothing of the one that is.
    if (response.status === 401 && token === this.#token) this.onSignedOut(error);
    throw error;
  }

  async #fetch(method, path, body, token) {
    try {
      return await fetch(path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(answerWithinMs),
      });
    } catch (error) {
      throw failure(error?.name === "TimeoutError" ? "TIMEOUT" : "NETWORK", "");
    }
  }
}

async function readJson(response) {
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch (error) {
    if (error?.name === "TimeoutError") throw failure("TIMEOUT", "");
    if (response.ok) throw failure("UNEXPECTED_ANSWER", "", { status: response.status });
    return null;
  }
}

function failure(code, message, details = {}) {
  return Object.assign(new Error(message), details, { code });
}

/** One segment of a path. */
export const segment = (text) => encodeURIComponent(text);
