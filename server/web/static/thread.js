// The conversation: hidden inputs of the form (as without JavaScript), and the answers kept for a return to this page.
const KEY = "planqa-thread";

export class Thread {
  constructor(form) {
    this.form = form;
    this.historyLimit = Number(form.dataset.historyLimit);
    this.turnLimit = Number(form.dataset.turnLimit);
  }

  get history() {
    return this.#inputs().map((input) => JSON.parse(input.value));
  }

  remember(answer) {
    this.#addTurn("user", answer.question);
    this.#addTurn("assistant", answer.answer);
    for (const input of this.#inputs().slice(0, -this.historyLimit)) input.remove();
    this.#store([...this.stored(), answer].slice(-this.historyLimit));
  }

  // Takes up the answers of an earlier visit to this page.
  resume() {
    const answers = this.stored();
    this.#store([]);
    for (const answer of answers) this.remember(answer);
    return answers;
  }

  stored() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    } catch {
      return []; // storage is switched off: the conversation lasts for this page
    }
  }

  forget() {
    this.#store([]);
    for (const input of this.#inputs()) input.remove();
  }

  #inputs() {
    return [...this.form.querySelectorAll("input[name=history]")];
  }

  #addTurn(role, content) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = "history";
    input.value = JSON.stringify({ role, content: [...content].slice(0, this.turnLimit).join("") });
    this.form.append(input);
  }

  #store(answers) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(answers));
    } catch {
      return;
    }
  }
}
