/** <channel-rows data-most="count"> around a list of rows: its button adds a row like the last. */
class ChannelRows extends HTMLElement {
  connectedCallback() {
    this.button.hidden = this.isFull;
    if (this.listens) return;
    this.listens = true;
    this.button.addEventListener("click", () => this.add());
  }

  get button() {
    return this.querySelector("[data-add]");
  }

  get rows() {
    return this.querySelector("ol");
  }

  get isFull() {
    return this.rows.children.length >= Number(this.dataset.most);
  }

  add() {
    const count = this.rows.children.length;
    const row = this.rows.lastElementChild.cloneNode(true);
    for (const error of row.querySelectorAll(".errors")) error.remove();
    for (const part of row.querySelectorAll("*")) renumber(part, count);
    this.rows.append(row);
    this.button.hidden = this.isFull;
    row.querySelector("input").focus();
  }
}

function renumber(part, count) {
  part.classList.remove("has-errors");
  for (const name of ["id", "for", "name"]) {
    const value = part.getAttribute(name);
    if (value) part.setAttribute(name, value.replace(`channel_${count}_`, `channel_${count + 1}_`));
  }
  for (const name of ["value", "aria-describedby", "aria-invalid"]) part.removeAttribute(name);
  if (part.matches("input")) part.value = "";
  if (part.matches("label")) {
    part.textContent = part.textContent.replace(`Channel ${count}:`, `Channel ${count + 1}:`);
  }
}

customElements.define("channel-rows", ChannelRows);
