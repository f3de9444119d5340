/** What every page does: the small elements, announcements, and polls that disturb nobody. */
import "./elements/elapsed-time.js";
import "./elements/local-time.js";
import "./elements/theme-switch.js";
import { announce } from "./lib/announce.js";

let openDetails = [];
let pressed = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  const opened = target.closest("[data-keeps-open]") ? target : null;
  openDetails = [...(opened?.querySelectorAll("details[open][id]") ?? [])].map(({ id }) => id);
});

document.addEventListener("htmx:afterSwap", () => {
  for (const id of openDetails) document.getElementById(id)?.setAttribute("open", "");
  openDetails = [];
});

// A button that is disabled while its form is sent loses the focus; it gets it back.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.matches("form") && elt.contains(document.activeElement)) pressed = document.activeElement;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.elt.matches("form")) return;
  if (document.activeElement === document.body && pressed?.isConnected) pressed.focus();
  pressed = null;
});

document.addEventListener("htmx:sendError", (event) => {
  const { elt } = event.detail;
  if (elt.hasAttribute("data-keeps-open") || elt.closest("tr")) return;
  announce("The server cannot be reached. Nothing was changed; try again in a moment.");
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 403) announce("This is not yours to change, or the page is too old. Reload it.");
  else if (status === 404) announce("This is no longer there. Reload the page.");
  else announce("Something went wrong on the server. Nothing was changed; try again.");
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open], details.append[open]");
  if (!menu || event.target.closest(".naming-form")) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
