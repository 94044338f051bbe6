// Filters a list as you type; the form does the same through the server.
const form = document.querySelector("form[data-filter]");

if (form) {
  const items = [...document.querySelectorAll(form.dataset.filter)];
  const texts = items.map((item) => item.textContent.toLowerCase());
  const input = form.querySelector("input[type=search]");

  const filter = () => {
    const wanted = input.value.trim().toLowerCase();
    let count = 0;
    items.forEach((item, i) => {
      item.hidden = !texts[i].includes(wanted);
      count += item.hidden ? 0 : 1;
    });
    form.querySelector("[data-count]").textContent = String(count);
    document.querySelector("[data-nothing]").hidden = count > 0;
  };

  input.addEventListener("input", filter);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
  });
}
