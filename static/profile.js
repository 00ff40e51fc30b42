// Keeps the draft of a profile while one writes. Without it the button "Save draft" does the same.
"use strict";

const AUTOSAVE_MS = 1500;

for (const form of document.querySelectorAll("[data-autosave]")) {
  const status = form.querySelector("[data-autosaved]");
  let timer;
  let running = false;
  let again = false;
  let submitter = null;

  const save = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    const body = new URLSearchParams(new FormData(form));
    body.set("autosave", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      const told = await answer.json();
      if (answer.ok) {
        form.elements.base.value = told.base;
        for (const saved of document.querySelectorAll("[data-saved]")) saved.value = told.saved;
      }
      status.textContent = told.said;
    } catch {
      status.textContent = status.dataset.failed;
    }
    running = false;
    if (submitter) form.requestSubmit(submitter);
    else if (again) {
      again = false;
      save();
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, AUTOSAVE_MS);
  });
  // What is being saved must be back first: else one would seem to contradict oneself.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!running) return;
    event.preventDefault();
    submitter = event.submitter;
  });
}
