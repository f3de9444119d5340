/** <import-count> around a form's button: the button says how many rows are ticked. */
class ImportCount extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.show = () => this.count();
    this.form.addEventListener("change", this.show);
    this.count();
  }

  disconnectedCallback() {
    this.form.removeEventListener("change", this.show);
  }

  count() {
    const ticked = this.form.querySelectorAll("input[name=ids]:checked").length;
    const button = this.querySelector("button");
    const several = ticked === 1 ? "" : "s";
    button.textContent = ticked
      ? `Bring in ${ticked} conversation${several}`
      : "Tick what to bring in";
    button.disabled = ticked === 0;
  }
}

customElements.define("import-count", ImportCount);
