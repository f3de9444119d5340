/** The upload forms: drops anywhere, checks before sending, and progress in bytes meanwhile. */
import "../elements/channel-rows.js";
import "../elements/file-drop.js";
import "../elements/source-choice.js";
import { announce } from "../lib/announce.js";
import { sendingWords } from "../lib/files.js";

const hint = document.createElement("div");
hint.className = "drop-hint";

document.addEventListener(
  "submit",
  (event) => {
    const drop = event.target.querySelector("fieldset:not(:disabled) > file-drop");
    if (!drop?.problem) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    announce(drop.problem);
    drop.input.focus();
  },
  { capture: true },
);

document.addEventListener("change", (event) => {
  const choice = event.target.closest("source-choice");
  const name = choice?.closest("form").querySelector("#name-field");
  if (!name) return;
  const files = choice.place === "file" ? choice.querySelector("file-drop").files : [];
  name.hidden = files.length > 1;
  name.querySelector("input").placeholder =
    files.length === 1 ? files[0].name.replace(/\.[^.]*$/, "") : "As the recording is called";
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const sending = event.target.querySelector?.("[data-sending]");
  if (!sending || !event.target.matches("form")) return;
  show(sending, 0, 0);
  addEventListener("beforeunload", askBeforeLeaving);
});

document.addEventListener("htmx:xhr:progress", (event) => {
  const sending = event.target.querySelector?.("[data-sending]");
  if (sending && event.target.matches("form")) {
    show(sending, event.detail.loaded, event.detail.lengthComputable ? event.detail.total : 0);
  }
});

// Before the answer is acted upon: it may lead to another page.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.target.querySelector?.("[data-sending]")) stopAsking();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const sending = event.target.querySelector?.("[data-sending]");
  if (sending) stopAsking();
  if (sending && !event.detail.xhr.getResponseHeader("HX-Redirect")) sending.hidden = true;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status !== 422) return;
  const drop = document.querySelector("file-drop");
  // The chosen files were kept; what depends on them came anew.
  if (drop?.files.length) drop.input.dispatchEvent(new Event("change", { bubbles: true }));
  const wrong = drop?.closest("form").querySelector(".has-errors");
  if (!wrong) return;
  wrong.querySelector("input, select, textarea").focus();
  announce(wrong.querySelector(".errors").textContent);
});

// A file that is dropped beside the drop zone would replace the page.

document.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  hint.textContent = document.querySelector("file-drop")?.dataset.hint ?? "";
  if (hint.textContent) document.body.append(hint);
});

document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) hint.remove();
});

document.addEventListener("drop", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  hint.remove();
  const drop = document.querySelector("file-drop");
  if (!drop) return;
  drop.closest("details")?.setAttribute("open", "");
  drop.closest("source-choice").choose("file");
  drop.take(event.dataTransfer.files);
  drop.scrollIntoView({ block: "nearest" });
});

function bringsFiles(event) {
  return event.dataTransfer.types.includes("Files");
}

function askBeforeLeaving(event) {
  event.preventDefault();
}

function stopAsking() {
  removeEventListener("beforeunload", askBeforeLeaving);
}

function show(sending, loaded, total) {
  sending.hidden = false;
  sending.querySelector("[data-sending-words]").textContent = sendingWords(loaded, total);
  const bar = sending.querySelector("progress");
  if (total) bar.value = loaded / total;
  else bar.removeAttribute("value");
}
