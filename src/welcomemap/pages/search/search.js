/* A question is sent until the server says that it answered it, because the framework drops what is
   sent without a connection, and a server that was started again knows nothing of before. */
const DELAY_MS = 120;
const LOOK_MS = 250;
const LOST_AFTER_MS = 1500;
const AGAIN_MS = 2000;
const AGAIN_IF_TAKEN_MS = 20000;
const STATES = ["data-test-connection-state", "data-test-script-state"];
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
  field.suggest = (text) => setStateValue("query", text);
  field.send = (asked) => setTriggerValue("submitted", asked);
  show(field, data);
  look(field);
}

function connect(root) {
  const find = (selector) => root.querySelector(selector);
  const field = {
    form: find("form"), label: find(".label"), hint: find(".hint"), input: find("input"),
    list: find(".list"), button: find(".button"), status: find(".status"),
    notice: find(".notice"), root, active: -1, timer: 0, isClosed: true, submittedText: null,
    asked: null, answered: 0, sentAt: 0, lostSince: null, looking: 0, data: null,
    life: new AbortController(),
  };
  const { signal } = field.life;
  window.addEventListener("online", () => look(field), { signal });
  window.addEventListener("offline", () => look(field), { signal });
  field.watcher = new MutationObserver(() => look(field));
  const app = findApp();
  if (app !== null) field.watcher.observe(app, { attributes: true, attributeFilter: STATES });
  field.input.addEventListener("input", () => {
    field.isClosed = false;
    field.submittedText = null;
    window.clearTimeout(field.timer);
    field.timer = window.setTimeout(() => field.suggest(field.input.value), DELAY_MS);
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
  ask(field, text);
}

function ask(field, text) {
  field.asked = { text, number: Math.max(Date.now(), field.answered + 1) };
  field.sentAt = 0;
  look(field);
}

function findApp() {
  return document.querySelector('[data-testid="stApp"]');
}

/* Send what is not answered, and say how it stands; comes again by itself until all is well. */
function look(field) {
  window.clearTimeout(field.looking);
  const page = document.documentElement;
  if (!field.root.isConnected) {
    field.watcher.disconnect();
    field.life.abort();
    delete page.dataset.wmWaiting;
    delete page.dataset.wmLost;
    return;
  }
  const { testConnectionState: connection, testScriptState: script } = findApp()?.dataset ?? {};
  const isConnected = (connection ?? "CONNECTED") === "CONNECTED" && navigator.onLine;
  const isIdle = (script ?? "notRunning") === "notRunning";
  const now = Date.now();
  field.lostSince = isConnected ? null : field.lostSince ?? now;
  if (!isConnected) closeForeignWords();
  if (field.asked !== null && field.asked.number === field.answered) {
    // What the last answer left behind goes when the page has been run to its end.
    if (isIdle) field.asked = null;
  } else if (field.asked !== null && isConnected) {
    const isDue = now - field.sentAt >= (isIdle ? AGAIN_MS : AGAIN_IF_TAKEN_MS);
    if (isDue) {
      field.sentAt = now;
      field.send(field.asked);
    }
  }
  page.toggleAttribute("data-wm-waiting", field.asked !== null);
  page.toggleAttribute("data-wm-lost", !isConnected);
  const isLost = !isConnected && now - field.lostSince >= LOST_AFTER_MS;
  say(field, isLost ? field.data.lost : field.asked !== null ? field.data.searching : "", isLost);
  if (!isConnected || field.asked !== null) {
    field.looking = window.setTimeout(() => look(field), LOOK_MS);
  }
}

function say(field, text, isLost) {
  field.notice.classList.toggle("lost", isLost);
  if (field.notice.textContent !== text) field.notice.textContent = text;
}

/* The framework's dialog about the connection is English and takes the keyboard away. */
function closeForeignWords() {
  document.querySelector('[data-testid="stDialog"] button[aria-label="Close"]')?.click();
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
  field.data = data;
  field.answered = data.answered;
  field.form.dir = data.direction;
  field.form.lang = data.language;
  field.label.textContent = data.label;
  field.hint.textContent = data.hint;
  field.button.textContent = data.button;
  field.list.setAttribute("aria-label", data.label);
  const isForgotten = data.value === "" && field.given !== "";
  if (isForgotten && field.asked === null) ask(field, field.given);
  if (field.asked !== null && field.asked.number !== data.answered) return;
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
