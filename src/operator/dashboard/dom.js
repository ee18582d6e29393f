// Makes and fills elements. Text from the server goes in as text alone, kept apart from the direction of the text around it.

export const by = (id) => document.getElementById(id);

/**
 * An element. `props` are properties of it; `class`, `data-…`, `aria-…`, `for` and `role` are attributes, `on…` a listener.
 * Children are nodes or text.
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (/^(?:class|for|role|colspan|data-.*|aria-.*)$/.test(name)) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The most characters of a text that are shown: what is longer is cut, and says how long it was. */
const mostCharacters = 300;

/** Text that somebody else wrote: a name, a reason. Its own direction stays its own, and its length breaks nothing. */
export function foreign(text, most = mostCharacters) {
  const bdi = el("bdi", { class: "foreign" });
  setForeign(bdi, text, most);
  return bdi;
}

export function setForeign(element, text, most = mostCharacters) {
  const characters = [...String(text ?? "")];
  const cut = characters.length > most;
  setText(
    element,
    cut
      ? `${characters.slice(0, most).join("")}… (${characters.length.toLocaleString("en")} characters)`
      : characters.join(""),
  );
}

/** Writes only what is new, so that nothing is read out twice and a selection stays. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** A button that is free again when its action is over. */
export function button(label, action, props = {}) {
  const made = el("button", { type: "button", ...props }, label);
  made.addEventListener("click", () => whileBusy(made, action));
  return made;
}

/** Runs an action once at a time; the button stays focusable meanwhile. */
export async function whileBusy(control, action) {
  if (control.getAttribute("aria-disabled") === "true") return;
  control.setAttribute("aria-disabled", "true");
  try {
    await action(control);
  } finally {
    control.removeAttribute("aria-disabled");
  }
}

/** A form whose button is busy until the action is over. */
export function onSubmit(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(form.querySelector("button[type=submit]"), action);
  });
}
