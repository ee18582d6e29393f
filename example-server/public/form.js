// A form that does what its button says, one time at a time, and answers in words beside its fields.

/** `action` gets the fields by name; what it answers is shown, and so is what `sayError` says of its failure. */
export function onSubmit(form, action, sayError) {
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    answer(form, "");
    try {
      answer(form, (await action(Object.fromEntries(new FormData(form)))) ?? "");
    } catch (error) {
      if (error.name !== "AbortError") answer(form, sayError(error), { isBad: true });
    } finally {
      button.disabled = false;
    }
  });
}

/** What a form says of itself. */
export function answer(form, words, { isBad = false } = {}) {
  const line = form.querySelector(".answer");
  line.classList.toggle("bad", isBad);
  line.textContent = words;
}
