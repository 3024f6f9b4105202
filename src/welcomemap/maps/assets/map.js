/* Draws a map sheet with Leaflet. Texts reach the page through textContent and setAttribute only;
   the drawings of signs and hatchings are the program's own. */
(function (root) {
  "use strict";
  var SCALE = 100000;
  var PANES = { ground: 210, fills: 220, streets: 230, borders: 240, water: 250, hatch: 260,
    reach: 300, ways: 350, dots: 450, labels: 620, signs: 640 };
  var ON_TOP = { candidate: 1000, chosen: 2000, review: 1000, address: 3000 };
  var isCalm = function () {
    return root.matchMedia && root.matchMedia("(prefers-reduced-motion: reduce)").matches;
  };

  function element(tag, className, text) {
    var node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function drawing(svg) {
    var parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    return document.importNode(parsed.documentElement, true);
  }

  function decode(numbers) {
    var points = [], lat = 0, lon = 0;
    for (var i = 0; i < numbers.length; i += 2) {
      lat += numbers[i];
      lon += numbers[i + 1];
      points.push([lat / SCALE, lon / SCALE]);
    }
    return points;
  }

  function paneOf(map, name) {
    var full = "wm-" + name;
    if (!map.getPane(full)) {
      map.createPane(full).style.zIndex = PANES[name];
    }
    return full;
  }

  /* ---- facts: the popup ---- */

  function describe(facts) {
    var box = element("div", "wm-facts");
    box.appendChild(element("h2", "wm-facts-title", facts.title));
    if (facts.state) box.appendChild(element("p", "wm-facts-state", facts.state));
    (facts.warnings || []).forEach(function (warning) {
      box.appendChild(element("p", "wm-warning", warning));
    });
    if (facts.rows.length) {
      var list = element("dl");
      facts.rows.forEach(function (row) {
        var pair = element("div");
        pair.appendChild(element("dt", "", row[0]));
        pair.appendChild(element("dd", "", row[1]));
        list.appendChild(pair);
      });
      box.appendChild(list);
    }
    return box;
  }

  function attachFacts(map, layer, facts) {
    if (!facts) return;
    layer.bindPopup(function () { return describe(facts); }, {
      minWidth: Math.min(200, map.getSize().x - 90),
      maxWidth: Math.max(150, Math.min(320, map.getSize().x - 70)),
      maxHeight: Math.max(120, map.getSize().y - 60),
      autoPanPadding: [12, 12], className: "wm-popup"
    });
    map.welcomemap.targets[facts.key] = layer;
  }

  function makeButton(map, marker, label) {
    var node = marker.getElement();
    if (!node) return;
    node.setAttribute("role", "button");
    node.setAttribute("tabindex", "0");
    node.setAttribute("aria-label", label);
    node.setAttribute("aria-haspopup", "dialog");
    node.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        event.stopPropagation();
        map.welcomemap.opener = node;
        marker.openPopup();
      }
    });
    node.addEventListener("keypress", function (event) { event.stopPropagation(); });
    node.addEventListener("click", function (event) {
      if (event.detail === 0) map.welcomemap.opener = node;
    });
  }

  function preparePopups(map, words) {
    map.on("popupopen", function (event) {
      var box = event.popup.getElement();
      var title = box.querySelector(".wm-facts-title");
      var close = box.querySelector(".leaflet-popup-close-button");
      box.setAttribute("role", "dialog");
      if (title) box.setAttribute("aria-label", title.textContent);
      var scrolled = box.querySelector(".leaflet-popup-scrolled");
      if (scrolled) scrolled.setAttribute("tabindex", "0");
      if (close) {
        close.setAttribute("aria-label", words.close);
        close.setAttribute("title", words.close);
        if (map.welcomemap.opener) close.focus({ preventScroll: true });
      }
    });
    map.on("popupclose", function () {
      var opener = map.welcomemap.opener;
      map.welcomemap.opener = null;
      if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    });
    map.getContainer().addEventListener("keydown", function (event) {
      if (event.key === "Escape") map.closePopup();
    });
  }

  /* ---- layers ---- */

  function addShapes(map, group, spec) {
    var pane = paneOf(map, spec.pane);
    spec.features.forEach(function (feature) {
      var options = Object.assign({ pane: pane, interactive: Boolean(feature.facts),
        smoothFactor: spec.pane === "streets" ? 1.5 : 0.5 }, spec.style, feature.style);
      var layer;
      if (feature.polygons) {
        layer = L.polygon(feature.polygons.map(function (rings) {
          return rings.map(decode);
        }), options);
      } else if (feature.lines) {
        layer = L.polyline(feature.lines.map(decode), options);
      } else {
        layer = L.circle(feature.at, Object.assign({ radius: feature.radius_m }, options));
      }
      layer.addTo(group);
      attachFacts(map, layer, feature.facts);
    });
  }

  function addDots(map, group, spec) {
    var pane = paneOf(map, spec.pane);
    spec.features.forEach(function (feature) {
      var dot = L.circleMarker(feature.at, Object.assign(
        { pane: pane, interactive: Boolean(feature.facts) }, spec.style, feature.style));
      dot.addTo(group);
      attachFacts(map, dot, feature.facts);
    });
  }

  function addSigns(map, group, spec) {
    var pane = paneOf(map, "signs");
    spec.features.forEach(function (feature) {
      var node = element("div", "wm-sign-body");
      node.appendChild(drawing(map.welcomemap.sheet.signs[feature.sign]));
      if (feature.rank) node.appendChild(element("span", "wm-rank wm-on-" + feature.sign,
        feature.rank));
      var tip = feature.sign === "address" ? [14, 26] : [14, 14];
      var marker = L.marker(feature.at, { pane: pane, keyboard: true, riseOnHover: true,
        zIndexOffset: ON_TOP[feature.sign] || 0,
        icon: L.divIcon({ html: node, className: "wm-sign", iconSize: [28, 28], iconAnchor: tip,
          popupAnchor: [0, 4 - tip[1]] }) });
      marker.addTo(group);
      attachFacts(map, marker, feature.facts);
      makeButton(map, marker, feature.label);
      map.welcomemap.obstacles.push({ at: feature.at, tip: tip });
    });
  }

  function addLabels(map, group, spec) {
    var pane = paneOf(map, "labels");
    spec.features.forEach(function (feature) {
      var body = element("div", "wm-label-body");
      feature.lines.forEach(function (line) {
        body.appendChild(element("span", "wm-label-" + line[0], line[1]));
      });
      var isButton = Boolean(feature.facts);
      var marker = L.marker(feature.places[0], { pane: pane, keyboard: isButton,
        interactive: isButton,
        icon: L.divIcon({ html: body, className: "wm-label " + (feature.look || ""),
          iconSize: null }) });
      marker.addTo(group);
      attachFacts(map, marker, feature.facts);
      if (isButton) makeButton(map, marker, feature.label);
      map.welcomemap.labels.push({ marker: marker, feature: feature, body: body });
    });
  }

  var MAKERS = { shapes: addShapes, dots: addDots, signs: addSigns, labels: addLabels };

  function addLayer(map, spec) {
    var group = L.featureGroup();
    group.addTo(map);
    MAKERS[spec.kind](map, group, spec);
    if (spec.toggle) {
      map.welcomemap.toggles.push({ layer: group, name: spec.toggle });
      if (spec.is_hidden) map.removeLayer(group);
    }
    return group;
  }

  /* ---- labels keep clear of signs, of each other and of the controls ---- */

  function overlap(a, b) {
    var width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    var height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return width > 0 && height > 0 ? width * height : 0;
  }

  function boxAround(point, width, height, margin) {
    return { left: point.x - width / 2 - margin, right: point.x + width / 2 + margin,
      top: point.y - height / 2 - margin, bottom: point.y + height / 2 + margin };
  }

  function controlBoxes(map) {
    var frame = map.getContainer().getBoundingClientRect();
    var nodes = map.getContainer().querySelectorAll(".leaflet-control");
    return Array.prototype.map.call(nodes, function (node) {
      var box = node.getBoundingClientRect();
      return { left: box.left - frame.left - 2, right: box.right - frame.left + 2,
        top: box.top - frame.top - 2, bottom: box.bottom - frame.top + 2 };
    });
  }

  /* 0: name and value, 1: number and value, 2: number alone */
  function setBrevity(node, brevity) {
    node.classList.toggle("wm-short", brevity > 0);
    node.classList.toggle("wm-tiny", brevity > 1);
  }

  function placeLabels(map) {
    var state = map.welcomemap;
    var size = map.getSize();
    var taken = controlBoxes(map).concat(state.obstacles.map(function (sign) {
      var point = map.latLngToContainerPoint(sign.at);
      return boxAround({ x: point.x + 14 - sign.tip[0], y: point.y + 14 - sign.tip[1] }, 26, 26, 2);
    }));
    state.labels.slice().sort(function (a, b) {
      return (b.feature.weight || 0) - (a.feature.weight || 0);
    }).forEach(function (label) {
      var node = label.marker.getElement();
      if (!node) return;
      node.classList.remove("wm-gone");
      var best = null;
      [0, 1, 2].some(function (brevity) {
        setBrevity(node, brevity);
        var width = label.body.offsetWidth, height = label.body.offsetHeight;
        label.feature.places.forEach(function (place, order) {
          var point = map.latLngToContainerPoint(place);
          var box = boxAround(point, width, height, 1);
          var cost = taken.reduce(function (sum, other) { return sum + overlap(box, other); }, 0);
          var outside = width * height - overlap(box, { left: 0, top: 0, right: size.x,
            bottom: size.y });
          var isInView = point.x >= 0 && point.y >= 0 && point.x <= size.x && point.y <= size.y;
          cost += (isInView ? outside : 0) + brevity * 30 + order * 4;
          if (!best || cost < best.cost) {
            best = { cost: cost, place: place, box: box, brevity: brevity };
          }
        });
        return best.cost < 60;
      });
      setBrevity(node, best.brevity);
      if (best.cost > 260 && label.feature.may_hide) {
        node.classList.add("wm-gone");
        return;
      }
      label.marker.setLatLng(best.place);
      taken.push(best.box);
    });
  }

  /* ---- furniture: buttons, scale, north arrow, layer switches ---- */

  function control(position, build) {
    var made = L.control({ position: position });
    made.onAdd = function () {
      var box = build();
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    return made;
  }

  function button(text, label, className, action) {
    var node = element("button", className, text);
    node.type = "button";
    node.title = label;
    node.setAttribute("aria-label", label);
    node.addEventListener("click", action);
    return node;
  }

  function showWhole(map, isAnimated) {
    var snap = map.options.zoomSnap;
    map.options.zoomSnap = 0;
    map.fitBounds(map.welcomemap.sheet.bounds,
      { padding: [8, 8], animate: Boolean(isAnimated) && !isCalm() });
    map.options.zoomSnap = snap;
  }

  function addButtons(map, words) {
    control("topleft", function () {
      var box = map.buttonBox = element("div", "leaflet-bar leaflet-control wm-buttons");
      var pan = function (x, y) {
        return function () {
          var size = map.getSize();
          map.panBy([x * size.x / 3, y * size.y / 3], { animate: !isCalm() });
        };
      };
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", words.map_label);
      box.appendChild(button("+", words.zoom_in, "wm-zoom-in", function () { map.zoomIn(); }));
      box.appendChild(button("\u2212", words.zoom_out, "wm-zoom-out",
        function () { map.zoomOut(); }));
      box.appendChild(button("\u25b2", words.pan_north, "wm-pan-n", pan(0, -1)));
      box.appendChild(button("\u25c0", words.pan_west, "wm-pan-w", pan(-1, 0)));
      box.appendChild(button("\u2302", words.whole_area, "wm-home",
        function () { showWhole(map, true); }));
      box.appendChild(button("\u25b6", words.pan_east, "wm-pan-e", pan(1, 0)));
      box.appendChild(button("\u25bc", words.pan_south, "wm-pan-s", pan(0, 1)));
      return box;
    }).addTo(map);
    map.buttonCorner = map.buttonBox.parentElement;
    arrangeButtons(map);
  }

  /* On a narrow map the buttons would hide too much: there they stand below it. */
  function arrangeButtons(map) {
    var box = map.buttonBox;
    var frame = map.getContainer().parentElement;
    var isBelow = map.getSize().x < 520 && frame.classList.contains("wm-frame");
    box.classList.toggle("wm-bar", isBelow);
    if (isBelow) frame.after(box); else map.buttonCorner.appendChild(box);
  }

  function addNorthArrow(map, words) {
    control("topright", function () {
      var box = element("div", "wm-north");
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", words.north);
      box.appendChild(drawing(map.welcomemap.sheet.north));
      return box;
    }).addTo(map);
  }

  function addSwitches(map, words) {
    if (!map.welcomemap.toggles.length) return;
    control("topright", function () {
      var box = element("fieldset", "leaflet-bar wm-switches");
      box.appendChild(element("legend", "", words.layers));
      map.welcomemap.toggles.forEach(function (toggle) {
        var row = element("label");
        var check = element("input");
        check.type = "checkbox";
        check.checked = map.hasLayer(toggle.layer);
        check.addEventListener("change", function () {
          if (check.checked) map.addLayer(toggle.layer); else map.removeLayer(toggle.layer);
        });
        row.appendChild(check);
        row.appendChild(element("span", "", toggle.name));
        box.appendChild(row);
      });
      return box;
    }).addTo(map);
  }

  function addTiles(map, tiles) {
    if (!tiles) return;
    var notice = element("div", "", tiles.attribution);
    L.control.attribution({ prefix: false }).addTo(map);
    L.tileLayer(tiles.url, { attribution: notice.innerHTML, maxZoom: 19 }).addTo(map);
  }

  function show(map, key) {
    var layer = map.welcomemap.targets[key];
    if (!layer) return;
    var box = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
    map.closePopup();
    map.fitBounds(box, { maxZoom: Math.max(map.getZoom(), 14), animate: false,
      padding: [30, 30] });
    layer.openPopup();
  }

  function wireTable(map) {
    document.querySelectorAll("[data-wm-show]").forEach(function (node) {
      var key = node.getAttribute("data-wm-show");
      node.hidden = !map.welcomemap.targets[key];
      node.addEventListener("click", function () {
        map.welcomemap.opener = node;
        map.getContainer().scrollIntoView({ block: "nearest", behavior: "auto" });
        show(map, key);
      });
    });
  }

  function prepareWheel(map) {
    var box = map.getContainer();
    map.scrollWheelZoom.disable();
    box.addEventListener("focusin", function () { map.scrollWheelZoom.enable(); });
    map.on("click", function () { map.scrollWheelZoom.enable(); });
    box.addEventListener("mouseleave", function () { map.scrollWheelZoom.disable(); });
  }

  function preparePrint(map) {
    var before = null;
    root.addEventListener("beforeprint", function () {
      before = { center: map.getCenter(), zoom: map.getZoom() };
      document.documentElement.classList.add("wm-print");
      map.invalidateSize({ animate: false });
      showWhole(map, false);
    });
    root.addEventListener("afterprint", function () {
      document.documentElement.classList.remove("wm-print");
      map.invalidateSize({ animate: false });
      if (before) map.setView(before.center, before.zoom, { animate: false });
    });
  }

  /* ---- one sheet ---- */

  function freshState(sheet) {
    return { sheet: sheet, targets: {}, labels: [], obstacles: [], toggles: [], opener: null };
  }

  function prepare(map, sheet) {
    var box = map.getContainer();
    map.welcomemap = freshState(sheet);
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", sheet.label);
    box.setAttribute("tabindex", "0");
    box.appendChild(drawing(sheet.hatches));
    if (isCalm()) {
      map.options.zoomAnimation = map.options.fadeAnimation = false;
      map.options.markerZoomAnimation = map.options.inertia = false;
      map._zoomAnimated = map._fadeAnimated = false;
    }
    preparePopups(map, sheet.words);
    prepareWheel(map);
    addTiles(map, sheet.tiles);
  }

  function furnish(map) {
    var words = map.welcomemap.sheet.words;
    addButtons(map, words);
    addNorthArrow(map, words);
    addSwitches(map, words);
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
    showWhole(map, false);
    placeLabels(map);
    map.on("resize", function () { arrangeButtons(map); });
    map.on("zoomend resize", function () { placeLabels(map); });
  }

  function finish(map) {
    furnish(map);
    wireTable(map);
    preparePrint(map);
  }

  root.welcomemap = { prepare: prepare, addLayer: addLayer, finish: finish, show: show,
    furnish: furnish, freshState: freshState, placeLabels: placeLabels, showWhole: showWhole,
    element: element, drawing: drawing };
})(window);
