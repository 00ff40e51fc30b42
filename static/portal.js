// Only makes things smoother: everything works without it. Suggestions as one types, results without a full reload,
// selects that submit themselves, printing.
"use strict";

document.documentElement.classList.add("script");

const RESULT = "result";
const SUGGEST_DELAY_MS = 120;

function debounce(action, delay) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), delay);
  };
}

// --- Suggestions: an ARIA 1.2 combobox with a listbox ---

function suggestions(input, number) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `suggestions-${number}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.placeholder);
  list.hidden = true;
  input.after(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) {
    input.setAttribute(name, value);
  }
  let active = -1;
  let latest = 0;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index >= 0) {
      input.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };
  const option = (item, index) => {
    const row = document.createElement("li");
    row.id = `${list.id}-${index}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.dataset.url = item.url;
    const kind = document.createElement("span");
    kind.className = "quiet";
    kind.textContent = item.note;
    row.append(item.label, kind);
    row.addEventListener("mousedown", (event) => {
      event.preventDefault();
      location.assign(item.url);
    });
    return row;
  };
  const ask = debounce(async () => {
    const text = input.value.trim();
    const turn = ++latest;
    if (!text) return close();
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`);
      if (!answer.ok || turn !== latest) return;
      const items = await answer.json();
      list.replaceChildren(...items.map(option));
      active = -1;
      list.hidden = items.length === 0 || document.activeElement !== input;
      input.setAttribute("aria-expanded", String(!list.hidden));
    } catch {
      close();
    }
  }, SUGGEST_DELAY_MS);

  input.addEventListener("input", ask);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const count = list.children.length;
    if (event.key === "Escape") close();
    else if (!list.hidden && event.key === "ArrowDown") choose((active + 1) % count);
    else if (!list.hidden && event.key === "ArrowUp") choose((active - 1 + count) % count);
    else if (!list.hidden && event.key === "Enter" && active >= 0) location.assign(list.children[active].dataset.url);
    else return;
    if (event.key !== "Escape") event.preventDefault();
  });
}

// --- Results without a full reload: the address stays the whole state ---

function opened() {
  return new Map([...document.querySelectorAll(`#${RESULT} details[data-facet]`)].map((facet) => [facet.dataset.facet, facet.open]));
}

async function show(url, remember) {
  const region = document.getElementById(RESULT);
  region.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(RESULT);
    if (!answer.ok || !fresh) return location.assign(url);
    const states = opened();
    const fold = region.querySelector(".facets-fold").open;
    region.replaceWith(fresh);
    for (const facet of fresh.querySelectorAll("details[data-facet]")) {
      if (states.get(facet.dataset.facet)) facet.open = true;
    }
    fresh.querySelector(".facets-fold").open = fold;
    const box = page.querySelector(".masthead .search-box");
    if (box) document.querySelector(".masthead .search-box").replaceWith(box);
    document.title = page.title;
    if (remember) history.pushState({ xunyuan: true }, "", answer.url);
    prepare(document);
    document.getElementById("total").focus({ preventScroll: true });
    if (remember && fresh.getBoundingClientRect().top < 0) scrollTo({ top: 0 });
  } catch {
    location.assign(url);
  }
}

function sameList(url) {
  return url.origin === location.origin && url.pathname === location.pathname;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(`#${RESULT} a`);
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !sameList(new URL(link.href))) return;
  event.preventDefault();
  show(link.href, true);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  for (const field of [...form.elements]) if (field.name && !field.value) field.disabled = true;
  setTimeout(() => [...form.elements].forEach((field) => { field.disabled = false; }));
  if (!form.closest(`#${RESULT}`) || !sameList(new URL(form.action))) return;
  event.preventDefault();
  show(`${form.action}?${new URLSearchParams(new FormData(form))}`, true);
});

addEventListener("popstate", () => {
  if (document.getElementById(RESULT)) show(location.href, false);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-print]")) print();
});

// A long list of choices is narrowed as one types; without a script the button beside it does that.
function narrow(box) {
  const words = box.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  for (const group of document.querySelectorAll(`#${box.dataset.narrow} .group`)) {
    let left = 0;
    for (const row of group.querySelectorAll("li")) {
      const text = row.lastElementChild.textContent.normalize("NFKC").toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      left += row.hidden ? 0 : 1;
    }
    group.hidden = left === 0;
    if (words.length && left) group.open = true;
  }
}

document.addEventListener("input", debounce((event) => {
  if (event.target.matches("[data-narrow]")) narrow(event.target);
}, SUGGEST_DELAY_MS));

addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll(".sheet .fold")) fold.open = true;
});

// At most five are compared: with five ticked the others wait, or, where more can go on a list, "Compare" does.
const MOST_COMPARED = 5;

function limitTicks() {
  const boxes = [...document.querySelectorAll("input[form=compare-form]")];
  const ticked = boxes.filter((box) => box.checked).length;
  const form = document.getElementById("compare-form");
  if (form.querySelector("[formaction]")) {
    form.querySelector("button:not([formaction])").disabled = ticked > MOST_COMPARED;
    return;
  }
  for (const box of boxes) box.disabled = ticked >= MOST_COMPARED && !box.checked;
}

document.addEventListener("change", (event) => {
  const name = event.target.dataset.tickAll;
  if (name) for (const box of document.querySelectorAll(`input[name="${name}"]`)) box.checked = event.target.checked;
});

// A list by keyboard, while the focus is in it: j and k go down and up its rows, x ticks, Enter opens as links do.
document.addEventListener("keydown", (event) => {
  const table = event.target.closest("[data-rows]");
  if (!table || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest("tr");
  const links = [...table.querySelectorAll("[data-row]")];
  const at = links.indexOf(row.querySelector("[data-row]"));
  if (event.key === "j") links[Math.min(at + 1, links.length - 1)].focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)].focus();
  else if (event.key === "x") row.querySelector("input[type=checkbox]")?.click();
});

// Typing the name of a new list chooses it.
document.addEventListener("input", (event) => {
  const value = event.target.dataset.chooses;
  if (value) for (const radio of event.target.form.querySelectorAll("input[type=radio]")) radio.checked = radio.value === value;
});

// --- A button that keeps a firm leaves one where one is: the page's part and its messages are renewed ---

async function stay(form, button) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const said = page.getElementById("messages");
  if (!answer.ok || !said || !answer.redirected || new URL(answer.url).pathname !== location.pathname) {
    location.assign(answer.url);
    return;
  }
  document.getElementById("messages").replaceWith(said);
  said.classList.add("fresh");
  for (const place of document.querySelectorAll("[data-kept]")) {
    const fresh = page.querySelector(`[data-kept="${CSS.escape(place.dataset.kept)}"]`);
    if (fresh) place.replaceWith(fresh);
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-stay]")) return;
  event.preventDefault();
  stay(event.target, event.submitter).catch(() => location.reload());
});

document.addEventListener("change", (event) => {
  if (event.target.matches("input[form=compare-form]")) limitTicks();
});

// --- Work in the background: how far it is, and the page anew when it is done ---

const PROGRESS_MS = 700;

async function follow(section) {
  const bar = section.querySelector("progress");
  for (;;) {
    await new Promise((wake) => setTimeout(wake, PROGRESS_MS));
    const answer = await fetch(section.dataset.progress).catch(() => null);
    if (!answer || !answer.ok) continue;
    const job = await answer.json();
    if (job.state !== "waiting" && job.state !== "running") return location.reload();
    if (job.total) [bar.max, bar.value] = [job.total, job.done];
  }
}

for (const section of document.querySelectorAll("[data-progress]")) follow(section);

function prepare(root) {
  [...root.querySelectorAll("input[data-suggest]")].forEach((input, number) => {
    if (!input.hasAttribute("aria-controls")) suggestions(input, number);
  });
}

prepare(document);
// On a phone the result comes first; without a script the filters can be folded by hand.
if (matchMedia("(max-width: 860px)").matches) {
  for (const fold of document.querySelectorAll(".facets-fold")) fold.open = false;
}
