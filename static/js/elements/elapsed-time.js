/** <elapsed-time data-since="ISO time">: counts on, each second, from what the server wrote. */
import { elapsedWords } from "../lib/clock.js";

class ElapsedTime extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.show(), 1000);
    this.show();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  show() {
    const seconds = Math.floor((Date.now() - Date.parse(this.dataset.since)) / 1000);
    this.textContent = elapsedWords(Math.max(seconds, 0));
  }
}

customElements.define("elapsed-time", ElapsedTime);
