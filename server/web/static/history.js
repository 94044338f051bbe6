// The conversations held in this browser: the one under way in the tab, all of them on the device until cleared.
const TAB = "planqa-thread";
const DEVICE = "planqa-history";
const VERSION = 2; // of what is stored; anything older is dropped
const CONVERSATIONS = 20;

export class History {
  constructor(turns) {
    this.turns = turns;
    const stored = read(sessionStorage, TAB);
    this.id = stored?.id ?? newId();
    this.exchanges = stored?.exchanges ?? [];
  }

  // What to send along with the next question.
  fields() {
    const turns = this.exchanges.flatMap((one) => one.turns).slice(-this.turns);
    return [
      ...turns.map((turn) => ["history", JSON.stringify(turn)]),
      ...this.exchanges.slice(-this.turns / 2).map((one) => ["earlier", one.id]),
      ["conversation", this.id],
    ];
  }

  remember(exchange) {
    this.exchanges = [...this.exchanges, exchange].slice(-this.turns);
    this.#store();
    this.shown?.();
  }

  begin() {
    this.id = newId();
    this.exchanges = [];
    write(sessionStorage, TAB, null);
  }

  // A conversation that the server rendered, because a script was missing until now.
  adopt(form) {
    const turns = [...form.querySelectorAll("input[name=history]")].map((input) => JSON.parse(input.value));
    const ids = [...form.querySelectorAll("input[name=earlier]")].map((input) => input.value);
    this.id = form.querySelector("input[name=conversation]")?.value || this.id;
    const shown = [...document.querySelectorAll("#thread > .exchange")];
    const html = shown.map((one) => one.outerHTML).join("");
    this.exchanges = turns.length ? [{ id: ids.at(-1) ?? "", question: turns.at(-2)?.content ?? "", html, turns, suggested: "" }] : [];
  }

  #store() {
    const conversation = { id: this.id, at: Date.now(), exchanges: this.exchanges };
    write(sessionStorage, TAB, conversation);
    const others = (read(localStorage, DEVICE)?.all ?? []).filter((one) => one.id !== this.id);
    write(localStorage, DEVICE, { all: [conversation, ...others].slice(0, CONVERSATIONS) });
  }

  // Lists the conversations in `section`; choosing one calls `show` with its exchanges.
  list(section, show) {
    const list = section.querySelector("ul");
    this.shown = () => {
      const all = read(localStorage, DEVICE)?.all ?? [];
      section.hidden = all.length === 0;
      list.replaceChildren(...all.map((conversation) => this.#item(conversation, show)));
    };
    section.querySelector("#forget").addEventListener("click", () => this.#forgetAll());
    this.shown();
  }

  // Here and on the server; what cannot be forgotten there, as without a network, stays listed to be tried again.
  async #forgetAll() {
    const all = read(localStorage, DEVICE)?.all ?? [];
    const done = await Promise.all(all.map((one) => forget(one.id)));
    const left = all.filter((_, i) => !done[i]);
    write(localStorage, DEVICE, left.length ? { all: left } : null);
    this.shown();
  }

  #item(conversation, show) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = conversation.exchanges[0].question;
    button.lang = "zh-Hans";
    button.addEventListener("click", () => {
      this.id = conversation.id;
      this.exchanges = conversation.exchanges;
      this.#store();
      show(this.exchanges);
      document.getElementById("main").focus();
      window.scrollTo(0, 0);
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}

// Nobody guesses it: who knows it can have the conversation forgotten.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function forget(id) {
  try {
    const { ok, status } = await fetch(`/api/conversations/${id}`, { method: "DELETE" });
    return ok || status === 404;
  } catch {
    return false;
  }
}

// Storage may be switched off or full: the conversation then lasts for this page.
function read(storage, key) {
  try {
    const stored = JSON.parse(storage.getItem(key));
    return stored?.version === VERSION ? stored : null;
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    if (value) storage.setItem(key, JSON.stringify({ version: VERSION, ...value }));
    else storage.removeItem(key);
  } catch {
    return;
  }
}
