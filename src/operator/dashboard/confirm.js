// Asks for confirmation in the page, beside what it is about. Esc and Cancel take it back, and the focus returns whence it came.
import { el, whileBusy } from "./dom.js";
import { sayError } from "./error-words.js";

/** The one question that is open; another one takes its place. */
let open = null;

/**
 * Asks at the end of `place`. `title` says what is asked, `words` what will happen, `fields` are inputs that belong to it, and
 * `action` runs when it is confirmed: a failure is told in the question, which stays open.
 * @param {Element} place
 * @param {{ title: string, words?: (string | Node)[], fields?: Node[], confirm: string, isDanger?: boolean, from?: HTMLElement, action: () => Promise<unknown> }} question
 */
export function ask(place, { title, words = [], fields = [], confirm, isDanger = false, from, action }) {
  open?.close();
  const opener = from ?? document.activeElement;
  const heading = el("p", { class: "confirm-title" }, title);
  const problem = el("p", { class: "answer bad", role: "alert" });
  const yes = el("button", { type: "submit", class: isDanger ? "danger" : "primary" }, confirm);
  const cancel = el("button", { type: "button", onclick: () => takeBack() }, "Cancel");
  const form = el(
    "form",
    {
      class: `confirm${isDanger ? " dangerous" : ""}`,
      role: "group",
      "aria-label": title,
      tabIndex: -1,
      noValidate: true,
    },
    heading,
    ...words.map((word) => el("p", {}, word)),
    ...fields,
    problem,
    el("div", { class: "buttons" }, yes, cancel),
  );

  const close = () => {
    if (open?.form !== form) return;
    open = null;
    // Whoever types elsewhere meanwhile is not to be torn away.
    const { activeElement } = document;
    const hasFocus = form.contains(activeElement) || activeElement === document.body || activeElement === null;
    form.remove();
    if (hasFocus && opener instanceof HTMLElement && opener.isConnected) opener.focus();
  };
  const isUnderWay = () => yes.getAttribute("aria-disabled") === "true";
  const takeBack = () => {
    if (isUnderWay()) problem.textContent = "It is under way: it can no longer be cancelled.";
    else close();
  };

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    takeBack();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = [...form.querySelectorAll("input, textarea, select")].find((field) => !field.checkValidity());
    if (wrong !== undefined) {
      problem.textContent = wrong.validationMessage;
      wrong.focus();
      return;
    }
    void whileBusy(yes, async () => {
      problem.textContent = "";
      try {
        await action();
        close();
      } catch (error) {
        // Another question may have taken its place: what became of this one is told all the same.
        if (form.isConnected) problem.textContent = sayError(error);
        else place.append(el("p", { class: "answer bad", role: "alert" }, `${title} ${sayError(error)}`));
      }
    });
  });
  open = { form, close, title, isUnderWay };
  place.append(form);
  // The question itself, unless something must be filled in: Enter pressed twice must not answer it.
  const fieldsIn = [...form.querySelectorAll("input, textarea, select")];
  (fieldsIn.find((field) => !field.checkValidity()) ?? form).focus();
  form.scrollIntoView({ block: "nearest" });
}

/** Closes the question that is open, if any; with `place`, only one that is asked there. Answers its title if it was not confirmed yet. */
export function dropQuestion(place = document) {
  if (open === null || !place.contains(open.form)) return null;
  const { title, isUnderWay, close } = open;
  close();
  return isUnderWay() ? null : title;
}
