// Comforts for the page Berkas: dropping a file, and progress without reloading. Everything works without them.

const form = document.querySelector("#unggah");
const running = document.querySelector("#jalan");

function prepareUpload() {
  const input = form.querySelector("#berkas");
  const button = form.querySelector("button.primary");
  const label = button.textContent;
  document.querySelector("#seret").hidden = false;
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", () => {
    button.textContent = label;
    button.removeAttribute("aria-disabled");
  });
  document.querySelector("#galat")?.focus();
}

// The words mirror pilah_api.web.berkas_view.bar.
export function words(batch, texts) {
  const language = texts.lang === "id" ? "id-ID" : "en-US";
  const whole = (number) => Math.round(number).toLocaleString(language);
  const parts = [texts.soFar.replace("{done}", whole(batch.rows_done)).replace("{total}", whole(batch.rows_total))];
  if (batch.rate) parts.push(texts.rate.replace("{rate}", whole(batch.rate)));
  if (batch.eta_seconds) parts.push(texts.left.replace("{time}", duration(batch.eta_seconds, texts, language)));
  return parts.join(" · ");
}

function duration(seconds, texts, language) {
  if (seconds < 90) return texts.seconds.replace("{n}", Math.ceil(seconds));
  if (seconds < 5400) return texts.minutes.replace("{n}", Math.ceil(seconds / 60));
  const hours = (seconds / 3600).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return texts.hours.replace("{n}", hours);
}

function watch() {
  const progress = running.querySelector("progress");
  const said = running.querySelector(".so-far");
  const events = new EventSource(running.dataset.events);
  events.addEventListener("progress", (event) => {
    const batch = JSON.parse(event.data);
    if (batch.state === "running") document.querySelector("#keadaan").textContent = running.dataset.running;
    if (batch.rows_total === null) return;
    progress.max = Math.max(batch.rows_total, 1);
    progress.value = batch.rows_done;
    said.textContent = words(batch, running.dataset);
  });
  events.addEventListener("end", () => {
    events.close();
    location.reload();
  });
}

// Without this, times are those of UTC, and say so.
function showLocalTimes() {
  for (const time of document.querySelectorAll("time")) {
    const options = { dateStyle: "medium", timeStyle: "short" };
    time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang === "id" ? "id-ID" : "en-GB", options);
  }
}

showLocalTimes();
if (form) prepareUpload();
if (running) watch();
