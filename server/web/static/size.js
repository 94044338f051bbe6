// Text size: applied before the page is painted, remembered on this device.
(() => {
  const KEY = "planqa-size";
  const root = document.documentElement;

  function remembered() {
    try {
      return localStorage.getItem(KEY) || "";
    } catch {
      return ""; // storage is switched off: the choice lasts for this page
    }
  }

  function apply(size) {
    root.dataset.size = size;
    for (const button of document.querySelectorAll(".sizes button")) {
      button.setAttribute("aria-pressed", String(button.dataset.size === size));
    }
  }

  function choose(event) {
    const button = event.target.closest("button");
    if (!button) return;
    apply(button.dataset.size);
    try {
      localStorage.setItem(KEY, button.dataset.size);
    } catch {
      return;
    }
  }

  apply(remembered());
  document.addEventListener("DOMContentLoaded", () => {
    const group = document.querySelector(".sizes");
    group.hidden = false;
    group.addEventListener("click", choose);
    apply(remembered());
  });
})();
