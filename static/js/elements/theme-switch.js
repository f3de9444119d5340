/** <theme-switch> around a button: system, light, dark, and remembered for the next page. */

const NEXT = { auto: "light", light: "dark", dark: "auto" };
const WORDS = { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" };

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.choose(NEXT[this.current]));
    this.show();
  }

  get current() {
    return document.documentElement.dataset.theme ?? "auto";
  }

  choose(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
      if (theme === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", theme);
    } catch {
      // Storage may be forbidden; then the choice lasts for this page.
    }
    this.show();
  }

  show() {
    const button = this.querySelector("button");
    button.title = WORDS[this.current];
    button.setAttribute("aria-label", WORDS[this.current]);
    for (const icon of this.querySelectorAll("[data-theme-icon]")) {
      icon.hidden = icon.dataset.themeIcon !== this.current;
    }
  }
}

customElements.define("theme-switch", ThemeSwitch);
