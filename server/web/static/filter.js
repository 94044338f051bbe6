// Filters a list as you type, by what the server says each item is found by; the form does the same through the server.
const form = document.querySelector("form[data-filter]");

// As index/normalise.py does it.
function fold(text) {
  return text.normalize("NFKC").toLowerCase().replace(/[“”‘’「」『』"'《》\s]/g, "");
}

if (form) {
  const items = [...document.querySelectorAll(form.dataset.filter)];
  const input = form.querySelector("input[type=search]");

  const filter = () => {
    const wanted = fold(input.value);
    let count = 0;
    for (const item of items) {
      item.hidden = !item.dataset.words.includes(wanted);
      count += item.hidden ? 0 : 1;
    }
    form.querySelector("[data-count]").textContent = String(count);
    document.querySelector("[data-nothing]").hidden = count > 0;
  };

  input.addEventListener("input", filter);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
  });
}
