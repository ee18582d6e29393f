// The operator's token: kept by this tab alone, gone when it closes, and never in an address.

const key = "colyseus-login:operator-token";
/** Where the browser forbids the storage: a reload then asks for the token again. */
let unstored = null;

export function readToken() {
  try {
    return sessionStorage.getItem(key) ?? unstored;
  } catch {
    return unstored;
  }
}

export function keepToken(token) {
  unstored = token;
  try {
    if (token === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, token);
  } catch {
    // `unstored` has it.
  }
}

/** What was pasted, without what often comes along: blanks, line breaks, quotes, the word Bearer. */
export function cleanToken(pasted) {
  return pasted
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^["']|["']$/g, "")
    .replace(/^bearer /i, "")
    .replaceAll(" ", "");
}
