// Small comforts for the page Tempel; everything works without them.

const form = document.querySelector("#tempel");
const area = document.querySelector("#teks");
const line = document.querySelector("#pisah");
const count = document.querySelector("#jumlah");
const join = document.querySelector("#gabung");
const preview = document.querySelector("#pratinjau");
const button = form.querySelector("button.primary");
const label = button.textContent;
const BEGINNING = 80;
let apart = "auto"; // how the paste was cut before it was made one post

// Mirrors pilah_api.services.pasting.split_paste; a browser test holds the two together.
export function splitPaste(paste, how) {
  const text = paste.replace(/\r\n?/g, "\n").trim();
  const blankLine = /\n(?:[^\S\n]*\n)+/;
  const pieces = how === "utuh" ? [text] : how === "auto" && blankLine.test(text) ? text.split(blankLine) : text.split("\n");
  return pieces.map((piece) => piece.trim()).filter(Boolean);
}

function chosen() {
  return form.querySelector("input[name=split]:checked").value;
}

function choose(how) {
  form.querySelector(`input[name=split][value=${how}]`).checked = true;
  showSplit();
}

function showSplit() {
  const how = chosen();
  const posts = splitPaste(area.value, how);
  if (how !== "utuh") apart = how;
  const canPart = how === "utuh" && splitPaste(area.value, apart).length > 1;
  line.hidden = posts.length === 0;
  count.textContent = posts.length ? count.dataset.text.replace("{n}", posts.length) : "";
  join.hidden = posts.length < 2 && !canPart;
  join.textContent = canPart ? join.dataset.apart : join.dataset.join;
  preview.hidden = posts.length < 2;
  if (preview.open) listBeginnings(posts);
}

function listBeginnings(posts) {
  const items = posts.map((post) => {
    const item = document.createElement("li");
    const words = post.replace(/\s+/g, " ");
    item.textContent = words.length > BEGINNING ? `${words.slice(0, BEGINNING)}…` : words;
    return item;
  });
  preview.querySelector("ol").replaceChildren(...items);
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
  showSplit();
}

function refuseSecondSubmit(event) {
  if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
}

area.addEventListener("input", showSplit);
area.addEventListener("keydown", sendOnShortcut);
form.addEventListener("change", showSplit);
join.addEventListener("click", () => choose(chosen() === "utuh" ? apart : "utuh"));
preview.addEventListener("toggle", showSplit);
form.addEventListener("submit", refuseSecondSubmit);
form.addEventListener("submit", showBusy);
window.addEventListener("pageshow", showIdle);
document.querySelector("#pintasan").hidden = false;

const first = document.querySelector("#galat") ?? document.querySelector("#hasil");
if (first) first.focus({ preventScroll: first.id === "hasil" && location.hash === "#hasil" });
