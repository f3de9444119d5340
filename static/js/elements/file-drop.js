/**
 * <file-drop data-limit="bytes"> around a labelled file input: takes dropped files, lists what
 * was chosen, and says what is wrong with it before anything is sent. `problem` is "" or why.
 */
import { fileProblem, sizeWords, togetherProblem } from "../lib/files.js";

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.input.addEventListener("change", () => this.show());
    this.addEventListener("dragover", (event) => this.over(event));
    this.addEventListener("dragleave", () => this.classList.remove("is-over"));
    this.addEventListener("drop", (event) => this.drop(event));
  }

  get input() {
    return this.querySelector("input[type=file]");
  }

  get files() {
    return [...this.input.files];
  }

  get limit() {
    return Number(this.dataset.limit);
  }

  get problem() {
    const problems = this.files.map((file) => fileProblem(file, this.limit));
    return problems.find(Boolean) ?? togetherProblem(this.files, this.limit);
  }

  over(event) {
    event.preventDefault();
    this.classList.add("is-over");
  }

  drop(event) {
    event.preventDefault();
    this.classList.remove("is-over");
    const dropped = event.dataTransfer.files;
    if (dropped.length === 0) return;
    if (this.input.multiple || dropped.length === 1) this.input.files = dropped;
    else {
      const first = new DataTransfer();
      first.items.add(dropped[0]);
      this.input.files = first.files;
    }
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show() {
    this.querySelector(".errors")?.remove();
    this.classList.toggle("has-errors", Boolean(this.problem));
    this.classList.toggle("has-files", this.files.length > 0);
    const rows = this.files.map((file) => this.row(file, fileProblem(file, this.limit)));
    const together = togetherProblem(this.files, this.limit);
    if (together) rows.push(this.row(null, together));
    this.querySelector("[data-chosen]").replaceChildren(...rows);
  }

  row(file, problem) {
    const row = document.createElement("li");
    if (file) {
      const name = document.createElement("span");
      name.className = "chosen-name";
      name.textContent = file.name;
      name.title = file.name;
      const size = document.createElement("span");
      size.className = "muted number";
      size.textContent = sizeWords(file.size);
      row.append(name, size);
    }
    if (problem) {
      const why = document.createElement("span");
      why.className = "chosen-problem";
      why.textContent = problem;
      row.append(why);
    }
    return row;
  }
}

customElements.define("file-drop", FileDrop);
