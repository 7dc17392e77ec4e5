// Comforts for the review queue; every step works without them, by plain forms.

const SWITCH = "pilah.pintasan";
const RENEW_EVERY = 30_000;
const form = document.querySelector("#telaah");
const help = document.querySelector("#pintasan");
const tick = document.querySelector("#pintasan-pakai");

// --- single-key shortcuts, which can be switched off (WCAG 2.1.4) ---

function mayUseKeys() {
  try {
    return localStorage.getItem(SWITCH) !== "tidak";
  } catch {
    return true;
  }
}

function noteSwitch() {
  try {
    localStorage.setItem(SWITCH, tick.checked ? "ya" : "tidak");
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
  document.body.classList.toggle("by-key", tick.checked);
}

if (help && tick) {
  help.hidden = false;
  tick.checked = mayUseKeys();
  document.body.classList.toggle("by-key", tick.checked);
  tick.addEventListener("change", noteSwitch);
}

function isTyping(target) {
  return target.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=hidden])");
}

function press(element) {
  if (!element) return false;
  element.click();
  return true;
}

function choose(input) {
  if (!input) return false;
  input.checked = input.type === "radio" ? true : !input.checked;
  input.focus({ preventScroll: true });
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function chosenLabel() {
  return form?.querySelector("[name=label]:checked")?.value;
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next].focus();
  return true;
}

let awaitsForm = false;

function onForm(key) {
  if (awaitsForm) {
    awaitsForm = false;
    return choose(form.querySelector(`[data-form="${CSS.escape(key)}"]`));
  }
  if (key === "f" && ["partisan", "perlu_konteks"].includes(chosenLabel())) {
    awaitsForm = true;
    return true;
  }
  if (key === "t") {
    form.querySelector("#catatan").focus();
    return true;
  }
  if (/^[1-4]$/.test(key)) return choose(form.querySelector(`[data-digit="${key}"]`));
  if (/^[a-e]$/.test(key)) return choose(form.querySelector(`[data-letter="${key}"][data-label="${chosenLabel()}"]`));
  return false;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === "Enter" && form && !event.altKey) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("#simpan"));
    }
    return;
  }
  if (event.key === "Escape" && isTyping(event.target)) {
    event.target.blur();
    return;
  }
  if (!tick?.checked || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  if (handle(event, key)) event.preventDefault();
}

function handle(event, key) {
  if (key === "?") {
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
    return true;
  }
  if (form && key === "enter" && !event.target.matches("button, summary, a")) {
    form.requestSubmit(form.querySelector("#simpan"));
    return true;
  }
  if (form && onForm(key)) return true;
  if (key === "j" || (key === "arrowdown" && !form)) return move(1);
  if (key === "k" || (key === "arrowup" && !form)) return move(-1);
  if (["n", "u", "l"].includes(key)) return press(document.querySelector(`[data-key="${key}"]`));
  return false;
}

document.addEventListener("keydown", onKey);

// --- the draft is kept and the lease renewed while somebody works ---

let worked = false;
let sending = false;
const until = document.querySelector("#sampai");

async function keepDraft() {
  if (!worked || sending) return;
  worked = false;
  const fields = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: fields, headers: { accept: "application/json" } });
    if (answer.ok) until.textContent = until.dataset.words.replace("{}", (await answer.json()).until);
    else if ([401, 403].includes(answer.status)) until.textContent = until.dataset.ended;
  } catch {
    worked = true;
    until.textContent = until.dataset.offline;
  }
}

function refuseSecondSubmit(event) {
  if (sending) event.preventDefault();
  sending = true;
}

if (form) {
  for (const sign of ["input", "change", "keydown", "pointerdown"]) form.addEventListener(sign, () => (worked = true));
  setInterval(keepDraft, RENEW_EVERY);
  // Closing the page or switching to another tab must not cost what was typed.
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepDraft());
  form.addEventListener("submit", refuseSecondSubmit);
  window.addEventListener("pageshow", () => (sending = false));
}

const first = document.querySelector("#galat") ?? document.querySelector("#lanjut");
if (first) first.focus({ preventScroll: true });
