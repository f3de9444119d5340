/**
 * <source-choice> around a radio group `source` and a fieldset per place: what belongs to another
 * place than the chosen one is not sent. `choose(place)` is for files dropped somewhere else.
 */
class SourceChoice extends HTMLElement {
  connectedCallback() {
    this.apply();
    if (this.listens) return;
    this.listens = true;
    this.addEventListener("change", (event) => {
      if (event.target.name === "source") this.apply();
    });
  }

  get place() {
    return this.querySelector("[name=source]:checked")?.value ?? "file";
  }

  choose(place) {
    this.querySelector(`[name=source][value=${place}]`).checked = true;
    this.apply();
  }

  apply() {
    for (const fields of this.querySelectorAll("[data-source]")) {
      fields.disabled = fields.dataset.source !== this.place;
    }
  }
}

customElements.define("source-choice", SourceChoice);
