const DELAY_MS = 120;
const instances = new WeakMap();

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  let field = instances.get(parentElement);
  if (field === undefined) {
    field = connect(parentElement);
    field.given = data.value || "";
    field.input.value = field.given;
    instances.set(parentElement, field);
  }
  field.ask = (text) => setStateValue("query", text);
  field.submit = (text) => setTriggerValue("submitted", text);
  show(field, data);
}

function connect(root) {
  const find = (selector) => root.querySelector(selector);
  const field = {
    form: find("form"), label: find(".label"), hint: find(".hint"), input: find("input"),
    list: find(".list"), button: find(".button"), status: find(".status"),
    active: -1, timer: 0, isClosed: true, submittedText: null,
  };
  field.input.addEventListener("input", () => {
    field.isClosed = false;
    field.submittedText = null;
    window.clearTimeout(field.timer);
    field.timer = window.setTimeout(() => field.ask(field.input.value), DELAY_MS);
  });
  field.input.addEventListener("keydown", (event) => press(field, event));
  field.input.addEventListener("blur", () => window.setTimeout(() => close(field), 150));
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(field, field.input.value);
  });
  field.list.addEventListener("pointerdown", (event) => event.preventDefault());
  field.list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option !== null) submit(field, option.textContent);
  });
  return field;
}

function press(field, event) {
  const options = field.list.hidden ? [] : [...field.list.children];
  if (event.key === "Escape") {
    if (field.list.hidden) field.input.value = "";
    close(field);
  } else if (event.key === "ArrowDown" && options.length > 0) {
    event.preventDefault();
    mark(field, (field.active + 1) % options.length);
  } else if (event.key === "ArrowUp" && options.length > 0) {
    event.preventDefault();
    mark(field, (field.active <= 0 ? options.length : field.active) - 1);
  } else if (event.key === "Enter" && field.active >= 0 && options.length > 0) {
    event.preventDefault();
    submit(field, options[field.active].textContent);
  }
}

function submit(field, text) {
  window.clearTimeout(field.timer);
  close(field);
  if (text.trim() === "") {
    field.input.focus();
    return;
  }
  field.input.value = text;
  field.submittedText = text;
  field.submit(text);
}

function close(field) {
  field.isClosed = true;
  field.list.hidden = true;
  field.input.setAttribute("aria-expanded", "false");
  mark(field, -1);
}

function mark(field, number) {
  field.active = number;
  [...field.list.children].forEach((option, k) => {
    option.setAttribute("aria-selected", String(k === number));
  });
  if (number >= 0) {
    field.input.setAttribute("aria-activedescendant", field.list.children[number].id);
  } else {
    field.input.removeAttribute("aria-activedescendant");
  }
}

function show(field, data) {
  field.form.dir = data.direction;
  field.form.lang = data.language;
  field.label.textContent = data.label;
  field.hint.textContent = data.hint;
  field.button.textContent = data.button;
  field.list.setAttribute("aria-label", data.label);
  if ((data.value || "") !== field.given) {
    field.given = data.value || "";
    field.input.value = field.given;
    close(field);
  }
  const isStale = data.for_query !== field.input.value || field.submittedText !== null;
  if (isStale || field.isClosed) return;
  field.list.replaceChildren(
    ...data.suggestions.map((text, k) => {
      const option = document.createElement("li");
      option.id = `welcomemap-search-option-${k}`;
      option.setAttribute("role", "option");
      option.setAttribute("dir", "auto");
      option.lang = "de";
      option.textContent = text;
      return option;
    }),
  );
  mark(field, -1);
  const isOpen = data.suggestions.length > 0;
  field.list.hidden = !isOpen;
  field.input.setAttribute("aria-expanded", String(isOpen));
  const isEmpty = data.for_query.trim() === "";
  field.status.textContent = isEmpty
    ? "" : isOpen ? data.found.replace("{n}", String(data.suggestions.length)) : data.none_found;
}
