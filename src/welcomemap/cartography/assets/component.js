/* The map as a component of a page that keeps running: it is made once and then only redrawn, so
   that a new figure neither reloads the map nor loses what the visitor looks at. */
function legendOf(sheet) {
  const { element, drawing } = window.welcomemap;
  const box = element("div", "wm-legend");
  const title = element("h2", "", sheet.legend_title);
  title.id = "wm-legend";
  box.append(title);
  for (const group of sheet.legend) {
    if (group.heading) box.append(element("h3", "", group.heading));
    const list = element("ul");
    for (const [key, text] of group.entries) {
      const row = element("li");
      const place = element("span", "wm-key");
      place.append(drawing(key));
      row.append(place, element("span", "", text));
      list.append(row);
    }
    box.append(list);
  }
  box.append(element("p", "wm-hint", sheet.hint));
  return box;
}

/* A click on the ground is a place only if it closed no popup and is not the first half of a double
   click, which zooms. */
const DOUBLE_CLICK_MS = 300;

function addTriggers(map, send) {
  map.on("popupopen", (event) => {
    const source = event.popup._source;
    const found = Object.entries(map.welcomemap.targets).find(([, layer]) => layer === source);
    if (found && !map.isRedrawn) send("picked", found[0]);
  });
  let hadPopup = false, waiting = 0;
  // Before the popup's own listener, which closes it: this one was added first.
  map.on("preclick", () => { hadPopup = openKey(map) !== ""; });
  map.on("click", (event) => {
    clearTimeout(waiting);
    if (!map.welcomemap.sheet.wants_place || hadPopup || event.originalEvent.detail > 1) return;
    waiting = setTimeout(
      () => send("place", { lat: event.latlng.lat, lon: event.latlng.lng }), DOUBLE_CLICK_MS
    );
  });
}

function make(frame, sheet, send) {
  const map = L.map(frame, sheet.options);
  window.welcomemap.prepare(map, sheet);
  map.setView(sheet.options.center, sheet.options.zoom, { animate: false });
  sheet.layers.forEach((layer) => window.welcomemap.addLayer(map, layer));
  window.welcomemap.furnish(map);
  addTriggers(map, send);
  return map;
}

function openKey(map) {
  const found = Object.entries(map.welcomemap.targets)
    .find(([, layer]) => layer.isPopupOpen && layer.isPopupOpen());
  return found ? found[0] : "";
}

function redraw(map, sheet) {
  const shown = openKey(map);
  const before = JSON.stringify(map.welcomemap.sheet.bounds);
  const layers = [];
  map.eachLayer((layer) => { if (!(layer instanceof L.TileLayer)) layers.push(layer); });
  layers.forEach((layer) => map.removeLayer(layer));
  map.welcomemap = window.welcomemap.freshState(sheet);
  map.getContainer().setAttribute("aria-label", sheet.label);
  sheet.layers.forEach((layer) => window.welcomemap.addLayer(map, layer));
  if (JSON.stringify(sheet.bounds) !== before) window.welcomemap.showWhole(map, false);
  window.welcomemap.arrange(map);
  const layer = map.welcomemap.targets[shown];
  if (layer) {
    map.isRedrawn = true;
    layer.getPopup().options.autoPan = false;
    layer.openPopup();
    layer.getPopup().options.autoPan = true;
    map.isRedrawn = false;
  }
}

function forget(parent) {
  const held = parent.wmHeld;
  if (!held) return;
  held.watch.disconnect();
  held.map.remove();
  held.holder.remove();
  parent.wmHeld = undefined;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const sheet = data.sheet;
  let held = parentElement.wmHeld;
  if (held) held.send = setTriggerValue;
  if (held && held.stamp === sheet.stamp) return;
  if (held && held.language !== sheet.language) {
    forget(parentElement);
    held = undefined;
  }
  if (held) {
    redraw(held.map, sheet);
    held.legend.replaceWith((held.legend = legendOf(sheet)));
    held.stamp = sheet.stamp;
    return;
  }
  const { element } = window.welcomemap;
  const box = element("div", "wm-sheet");
  box.dir = sheet.direction;
  const frame = element("div", "wm-frame");
  const place = element("div", "wm-map");
  const legend = legendOf(sheet);
  frame.append(place);
  box.append(frame, legend);
  const holder = element("div", "wm-holder");
  holder.append(box);
  parentElement.append(holder);
  const map = make(place, sheet, (name, value) => parentElement.wmHeld.send(name, value));
  const watch = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  watch.observe(place);
  parentElement.wmHeld = { map, holder, legend, watch, stamp: sheet.stamp, language: sheet.language,
    send: setTriggerValue };
}
