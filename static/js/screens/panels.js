/** The panels beside the transcript: which one is open at first, and the way to a line. */

const { htmx } = window;
const WIDE = "(min-width: 75rem)";
const panels = document.getElementById("panels");
let focused = "";

// Beside the transcript there is room; above it an open panel would push it away.
panels.addEventListener(
  "htmx:afterSwap",
  () => {
    if (!matchMedia(WIDE).matches || panels.querySelector("details[open]")) return;
    panels.querySelector("details:has(.entry, table)")?.setAttribute("open", "");
  },
  { once: true },
);

// What has the focus stands in a closed panel for as long as a refresh takes, and would lose it.
panels.addEventListener("htmx:beforeSwap", () => {
  focused = panels.contains(document.activeElement) ? document.activeElement.id : "";
});

panels.addEventListener("htmx:afterSettle", () => {
  if (!focused || document.activeElement !== document.body) return;
  document.getElementById(focused)?.focus({ preventScroll: true });
});

panels.addEventListener("click", (event) => {
  const jump = event.target.closest("a[data-line]");
  if (!jump) return;
  // Somebody wants it in a tab of its own, and not to be played here.
  if (event.ctrlKey || event.metaKey || event.shiftKey) return event.stopPropagation();
  event.preventDefault();
  // A click that no pointer made comes without a count of clicks.
  showLine(jump, event.detail === 0);
});

/** Brings the line into view; what is not there yet is fetched, unless somebody types there. */
async function showLine(jump, byKeyboard) {
  const id = `line-${jump.dataset.line}`;
  const transcript = document.getElementById("transcript");
  if (!document.getElementById(id) && !transcript.querySelector(".naming-form")) {
    const { pathname, search } = new URL(jump.href);
    // Settled at once, the new lines are known to what follows the sound.
    const swap = "innerHTML settle:0ms";
    await htmx.ajax("GET", pathname + search, { target: transcript, swap });
  }
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const line = document.getElementById(id);
  line?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  if (line && byKeyboard) {
    line.tabIndex = -1;
    line.focus({ preventScroll: true });
  }
  const position = Number(jump.dataset.play);
  document.dispatchEvent(new CustomEvent("position", { detail: { position } }));
}
