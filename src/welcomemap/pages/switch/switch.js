export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const list = parentElement.querySelector("ul");
  parentElement.querySelector("nav").setAttribute("aria-label", data.label);
  list.dir = data.direction;
  if (list.children.length === 0) {
    for (const language of data.languages) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.lang = language.tag;
      button.dir = language.direction;
      button.textContent = language.name;
      button.dataset.code = language.code;
      item.append(button);
      list.append(item);
    }
  }
  for (const button of list.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.code === data.current));
    button.onclick = () => setTriggerValue("chosen", button.dataset.code);
  }
}
