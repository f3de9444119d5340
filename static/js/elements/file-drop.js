/**
 * <file-drop data-limit="bytes"> around a labelled file input: lists what was chosen, and says
 * what is wrong with it before anything is sent. `take(files)` is for dropped files, `problem`
 * is "" or why they cannot be sent.
 */
import { fileProblem, sizeWords, togetherProblem } from "../lib/files.js";

class FileDrop extends HTMLElement {
  connectedCallback() {
    this.input.addEventListener("change", () => this.show());
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

  take(dropped) {
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
