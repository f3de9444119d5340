/** The conversation screen: naming in place, following the sound, and refreshing without a loss. */
import "../elements/conversation-player.js";
import { announce } from "../lib/announce.js";
import { lineAt } from "../lib/lines.js";
import { relabel } from "../lib/relabel.js";

const { htmx } = window;
const SLOT = ".naming-slot";
let opener = null;
let waiting = new Set();

// Naming in place.

document.addEventListener("htmx:afterSwap", (event) => {
  const place = event.detail.target;
  if (place.matches(SLOT) && place.querySelector(".naming-form")) opened(place);
  if (place.id === "conversation-title") titleSwapped(place);
  if (document.activeElement !== document.body) return;
  // After a decision: its button is gone, what came of it stands here.
  if (event.detail.requestConfig?.path.includes("/appends/")) activity().focus();
});

document.addEventListener("click", (event) => {
  const cancel = event.target.closest(`${SLOT} [data-cancel]`);
  if (!cancel) return;
  event.preventDefault();
  close(cancel.closest(SLOT));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const slot = event.target.closest(SLOT);
  if (slot?.querySelector(".naming-form")) close(slot);
  event.target.closest(".title-form")?.querySelector("[data-cancel]").click();
});

document.addEventListener("speaker-changed", (event) => {
  const speaker = event.detail;
  relabel(document, speaker);
  // Without a message nobody has just acted: it is a card that asked how it stands.
  if (speaker.message) announce(speaker.message);
  const lost = document.activeElement === document.body || document.activeElement === null;
  if (lost && opener) returnFocus(document.getElementById(`name-${speaker.id}`));
  catchUp();
});

document.addEventListener("recording-added", (event) => {
  announce(event.detail.message);
  document.getElementById("append").open = false;
  document.getElementById("append-open").focus();
});

function opened(slot) {
  for (const other of document.querySelectorAll(SLOT)) {
    if (other !== slot) other.replaceChildren();
  }
  opener = slot.previousElementSibling?.querySelector("a") ?? null;
  const field =
    slot.querySelector("[data-focus]") ??
    slot.querySelector("[aria-invalid=true]") ??
    slot.querySelector("input:not([type=hidden])");
  field.focus();
  if (field.matches("input")) field.select();
  slot.scrollIntoView({ block: "nearest" });
}

function close(slot) {
  slot.replaceChildren();
  returnFocus(null);
  catchUp();
}

function returnFocus(otherwise) {
  const target = opener?.isConnected ? opener : otherwise;
  target?.focus();
  opener = null;
}

function titleSwapped(place) {
  const field = place.querySelector("input:not([type=hidden])");
  if (field) {
    field.focus();
    field.select();
    return;
  }
  document.title = document.title.replace(/^.*(?= · )/, place.textContent.trim());
  place.querySelector("a")?.focus();
}

// When a recording has become ready: refresh what shows it, but no place where somebody types.

document.addEventListener("transcript-changed", (event) => {
  waiting = new Set(["#speakers", "#timeline", "#panels"]);
  if (!document.querySelector(".more")) waiting.add(".window:last-of-type");
  catchUp();
  announce(event.detail.message ?? "The transcript has grown.");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  const refreshing = requestConfig.elt === target && target.matches("[data-refresh], .speaker-card");
  if (!refreshing || !target.querySelector(".naming-form")) return;
  event.detail.shouldSwap = false;
  if (target.matches("[data-refresh]")) waiting.add(`#${target.id}`);
});

// What the empty transcript says depends on how the recordings stand.
document.addEventListener("htmx:afterSettle", () => {
  const empty = document.querySelector(".window > .empty");
  if (empty && empty.dataset.outlook !== activity().dataset.outlook) {
    htmx.trigger(empty.parentElement, "refresh");
  }
});

function activity() {
  return document.getElementById("activity");
}

function catchUp() {
  for (const selector of [...waiting]) {
    const region = document.querySelector(selector);
    if (region?.querySelector(".naming-form")) continue;
    waiting.delete(selector);
    if (region) htmx.trigger(region, "refresh");
  }
}

// Following the sound.

let lines = [];
let starts = [];
let current = null;

document.addEventListener("htmx:load", readLines);
document.addEventListener("position", (event) => follow(event.detail.position));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (button) return playFrom(Number(button.dataset.play));
  const line = event.target.closest(".line");
  if (line && document.getSelection().isCollapsed) playFrom(Number(line.dataset.start));
});

function playFrom(position) {
  document.dispatchEvent(new CustomEvent("play-from", { detail: { position } }));
}

function readLines() {
  lines = [...document.querySelectorAll(".line")];
  starts = lines.map((line) => Number(line.dataset.start));
}

function follow(position) {
  const line = lines[lineAt(starts, position)] ?? null;
  if (line === current) return;
  const wasInView = current?.isConnected && isInView(current);
  current?.classList.remove("is-current");
  current?.removeAttribute("aria-current");
  line?.classList.add("is-current");
  line?.setAttribute("aria-current", "true");
  current = line;
  if (line && wasInView && !isInView(line)) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    line.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }
}

function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight - 96;
}

readLines();
