// Small comforts for the page Tempel; everything works without them.

const form = document.querySelector("#tempel");
const area = document.querySelector("#teks");
const count = document.querySelector("#jumlah");
const button = form.querySelector("button.primary");
const label = button.textContent;

// Mirrors pilah_api.services.pasting.split_paste; a browser test holds the two together.
export function splitPaste(paste, how) {
  const text = paste.replace(/\r\n?/g, "\n").trim();
  const blankLine = /\n(?:[^\S\n]*\n)+/;
  const pieces = how === "utuh" ? [text] : how === "auto" && blankLine.test(text) ? text.split(blankLine) : text.split("\n");
  return pieces.map((piece) => piece.trim()).filter(Boolean);
}

function showCount() {
  const how = form.querySelector("input[name=split]:checked").value;
  const number = splitPaste(area.value, how).length;
  count.hidden = number === 0;
  count.textContent = number ? count.dataset.text.replace("{n}", number) : "";
}

function sendOnShortcut(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(button);
  }
}

function showBusy(event) {
  if (event.submitter && event.submitter !== button) return; // the language switch
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-disabled", "true");
}

function showIdle() {
  // Also when the browser's back button brings the old page back.
  button.textContent = label;
  button.removeAttribute("aria-disabled");
  showCount();
}

function refuseSecondSubmit(event) {
  if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
}

area.addEventListener("input", showCount);
area.addEventListener("keydown", sendOnShortcut);
form.addEventListener("change", showCount);
form.addEventListener("submit", refuseSecondSubmit);
form.addEventListener("submit", showBusy);
window.addEventListener("pageshow", showIdle);
document.querySelector("#pintasan").hidden = false;

const first = document.querySelector("#galat") ?? document.querySelector("#hasil");
if (first) first.focus({ preventScroll: first.id === "hasil" && location.hash === "#hasil" });
