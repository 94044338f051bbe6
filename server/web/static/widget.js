// <script src="https://…/widget.js" async></script> puts the chat into any page whose origin the server allows.
// It lives in a shadow root: neither page's styles reach the other, and nothing is stored in the page's origin.
(() => {
  const server = new URL(document.currentScript.src).origin;
  const UNREACHABLE = "暂时连不上服务。请稍后再试，写好的问题还在。";
  const CUT = "回答没有传完。请再问一次。";
  const TURNS = 10;

  const MARKUP = `
    <div class="planqa scripted" data-layout="standard" data-size="normal" data-theme="auto" data-contrast="auto">
      <button class="open" type="button" aria-expanded="false">问计划报告</button>
      <section class="panel chat has-thread" role="dialog" aria-label="计划报告问答" hidden>
        <header><strong>计划报告问答</strong><a class="full" target="_blank" rel="noopener">打开完整页面</a><button class="close quiet" type="button" aria-label="关闭">✕</button></header>
        <div class="scrolled">
          <p class="hello">可以问报告里的工作安排、计划指标和名词。每句回答都注明出处。</p>
          <div class="thread"></div>
          <div class="waiting" hidden><p role="status"></p><button class="stop quiet" type="button">停止</button></div>
          <div class="visually-hidden heard" role="log"></div>
          <div class="problem" role="alert" hidden><p></p></div>
        </div>
        <form class="ask">
          <label for="planqa-question">您想了解什么？</label>
          <div class="ask-row"><textarea id="planqa-question" rows="2" maxlength="500" required enterkeyhint="send"></textarea><button type="submit">提问</button></div>
        </form>
        <p class="toast" role="status"></p>
      </section>
    </div>`;
  const OWN_STYLE = `
    :host { all: initial; }
    .planqa { --rem: 16px; font-size: 16px; color: var(--text); }
    .open { position: fixed; inset: auto 20px 20px auto; z-index: 2147483000; border-radius: 999px; padding-inline: 22px; box-shadow: 0 4px 16px rgb(0 0 0 / 0.25); }
    .panel { position: fixed; inset: auto 20px 20px auto; z-index: 2147483001; display: flex; flex-direction: column; gap: 0; width: min(420px, calc(100vw - 24px)); height: min(680px, calc(100dvh - 40px)); border: 1px solid var(--edge); border-radius: 16px; background: var(--ground); overflow: clip; box-shadow: 0 12px 48px rgb(0 0 0 / 0.3); }
    .panel header { display: flex; align-items: center; gap: 12px; padding: 4px 4px 4px 16px; border-bottom: 1px solid var(--line); background: var(--surface); }
    .panel header strong { flex: 1; }
    .panel header .full { font-size: 14px; min-height: var(--target); display: inline-flex; align-items: center; }
    .panel .close { padding: 0; border: 0; }
    .scrolled { flex: 1; min-height: 0; overflow-y: auto; padding: 16px; display: grid; gap: 16px; align-content: start; }
    .panel .ask { padding: 8px 16px 16px; border-top: 1px solid var(--line); background: var(--surface); max-width: none; }
    .panel .ask textarea { min-height: 48px; }
    .panel .ask-row { flex-direction: row; }
    .panel .ask-row button { padding-inline: 14px; }
    .hello { color: var(--muted); }
    .panel .toast { position: absolute; inset: auto 16px 110px; }
    @media (max-width: 480px) { .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; } }`;

  // The server's own style sheets, with the page's root and its size taken out of them.
  async function styles() {
    const texts = await Promise.all(["app", "chat"].map((name) => fetch(`${server}/static/${name}.css`).then((r) => r.text())));
    const own = texts.map((text) =>
      text
        .replaceAll(":root", ".planqa")
        .replace(/^.*@container.*$/gm, (line) => line.replace("52rem", "832px"))
        .replace(/(?<![\w.-])(\d*\.?\d+)rem\b/g, "calc($1 * var(--rem))")
        .replace(/^body \{.*$/m, ""),
    );
    return [...own, OWN_STYLE].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
  }

  async function start() {
    const host = document.createElement("planqa-chat");
    const root = host.attachShadow({ mode: "open" });
    const [sheets, { attach }, { readEvents }] = await Promise.all([
      styles(),
      import(`${server}/static/reader.js`),
      import(`${server}/static/sse.js`),
    ]);
    root.adoptedStyleSheets = sheets;
    root.innerHTML = MARKUP;
    document.body.append(host);
    attach(root, toast);
    chat(root, readEvents);

    let hiding = 0;
    function toast(key, message) {
      const words = { copied: "已复制，连同出处", uncopied: "浏览器不让复制，请选中文字后自己复制", linked: "链接已复制，会长期保存" };
      root.querySelector(".toast").textContent = message ?? words[key] ?? "";
      clearTimeout(hiding);
      hiding = setTimeout(() => (root.querySelector(".toast").textContent = ""), 4000);
    }
  }

  function chat(root, readEvents) {
    const at = (selector) => root.querySelector(selector);
    const [opener, panel, form, input, thread] = [".open", ".panel", "form.ask", "textarea", ".thread"].map(at);
    let turns = [];
    let request = null;

    at(".full").href = server;
    opener.addEventListener("click", () => toggle(true));
    at(".close").addEventListener("click", () => toggle(false));
    at(".stop").addEventListener("click", () => request?.abort());
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !root.querySelector(":popover-open") && !event.target.closest(".source")) toggle(false);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (input.value.trim() && !request) ask(input.value.trim());
    });

    function toggle(isOpen) {
      panel.hidden = !isOpen;
      opener.hidden = isOpen;
      opener.setAttribute("aria-expanded", String(isOpen));
      (isOpen ? input : opener).focus();
    }

    async function ask(question) {
      request = new AbortController();
      busy(true);
      say("");
      try {
        await receive(question);
        input.value = "";
      } catch (error) {
        if (error.name !== "AbortError") say(error.message || UNREACHABLE);
      } finally {
        request = null;
        busy(false);
      }
    }

    async function receive(question) {
      const body = new URLSearchParams([["question", question], ...turns.map((turn) => ["history", JSON.stringify(turn)])]);
      const options = { method: "POST", headers: { Accept: "text/event-stream" }, body, signal: request.signal };
      const response = await fetch(`${server}/`, options).catch((error) => {
        throw error.name === "AbortError" ? error : new Error(UNREACHABLE);
      });
      if (!response.ok) throw new Error((await response.json().catch(() => ({}))).message ?? UNREACHABLE);
      for await (const { event, data } of readEvents(response)) {
        if (event === "status") at(".waiting p").textContent = data.words;
        if (event === "done") return finish(data);
      }
      throw new Error(CUT);
    }

    function finish(data) {
      const template = document.createElement("template");
      template.innerHTML = data.html; // written by the server's templates, which escape
      for (const link of template.content.querySelectorAll('a[href^="/"]')) {
        link.href = server + link.getAttribute("href");
        link.target = "_blank";
        link.rel = "noopener";
      }
      for (const form of template.content.querySelectorAll("form")) form.action = server + form.getAttribute("action");
      const exchange = template.content.firstElementChild;
      thread.append(exchange);
      turns = [...turns, ...data.turns].slice(-TURNS);
      at(".heard").append(...data.heard.filter(Boolean).map((text) => Object.assign(document.createElement("p"), { textContent: text })));
      exchange.scrollIntoView({ block: "start" });
    }

    function busy(isBusy) {
      at(".waiting").hidden = !isBusy;
      form.querySelector("button").disabled = isBusy;
    }

    function say(message) {
      at(".problem").hidden = !message;
      at(".problem p").textContent = message;
    }
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
