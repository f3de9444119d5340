/** <local-time> around a <time>: writes the server's UTC in the reader's zone. */

const DAY = { day: "numeric", month: "short", year: "numeric" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };
const STYLES = { date: { ...DAY, ...CLOCK }, time: CLOCK };

class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const at = new Date(time.dateTime);
    const style = STYLES[time.dataset.style] ?? STYLES.date;
    time.title = time.dateTime;
    // British English writes the date as the server does, so that nothing jumps.
    time.textContent = new Intl.DateTimeFormat("en-GB", style).format(at);
  }
}

customElements.define("local-time", LocalTime);
