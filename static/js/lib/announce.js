/** Tells the reader, on the screen and to a screen reader, what has just happened. */

const SHOWN_MS = 7000;
let timer = 0;

/**
 * Show a sentence in the page's live region for a few seconds.
 * @param {string} sentence
 */
export function announce(sentence) {
  const place = document.getElementById("announcer");
  clearTimeout(timer);
  const line = document.createElement("span");
  line.textContent = sentence;
  place.replaceChildren(line);
  timer = setTimeout(() => place.replaceChildren(), SHOWN_MS);
}
