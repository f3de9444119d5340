/** The upload forms: checks before sending, and progress in bytes while sending. */
import "../elements/file-drop.js";
import { announce } from "../lib/announce.js";
import { sendingWords } from "../lib/files.js";

document.addEventListener(
  "submit",
  (event) => {
    const drop = event.target.querySelector("file-drop");
    if (!drop?.problem) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    announce(drop.problem);
    drop.input.focus();
  },
  { capture: true },
);

document.addEventListener("change", (event) => {
  const drop = event.target.closest("file-drop");
  const name = drop?.closest("form").querySelector("#name-field");
  if (!name) return;
  const { files } = drop;
  name.hidden = files.length > 1;
  name.querySelector("input").placeholder =
    files.length === 1 ? files[0].name.replace(/\.[^.]*$/, "") : "As the file is called";
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const sending = event.target.querySelector?.("[data-sending]");
  if (sending && event.target.matches("form")) show(sending, 0, 0);
});

document.addEventListener("htmx:xhr:progress", (event) => {
  const sending = event.target.querySelector?.("[data-sending]");
  if (sending && event.target.matches("form")) {
    show(sending, event.detail.loaded, event.detail.lengthComputable ? event.detail.total : 0);
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const sending = event.target.querySelector?.("[data-sending]");
  if (sending && !event.detail.xhr.getResponseHeader("HX-Redirect")) sending.hidden = true;
});

function show(sending, loaded, total) {
  sending.hidden = false;
  sending.querySelector("[data-sending-words]").textContent = sendingWords(loaded, total);
  const bar = sending.querySelector("progress");
  if (total) bar.value = loaded / total;
  else bar.removeAttribute("value");
}
