/** The screen of speaker events that are on their way: says how they stand when that changes. */
import { announce } from "../lib/announce.js";

let said = words();

// The state is asked for again and again; whoever listens hears it only when it is another one.
document.addEventListener("htmx:afterSettle", () => {
  const now = words();
  if (now && now !== said) announce(now);
  said = now;
});

function words() {
  const parts = [...document.querySelectorAll("#outcome-title, #outcome-title + p")];
  return parts.map((part) => part.textContent.replace(/\s+/g, " ").trim()).join(". ");
}
