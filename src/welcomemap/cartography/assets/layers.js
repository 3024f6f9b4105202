/* Layers and popups of a map sheet. Texts reach the page through textContent and setAttribute only;
   the drawings of signs and hatchings are the program's own. */
(function (root) {
  "use strict";
  root.welcomemap = {};
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
      maxWidth: Math.max(150, Math.min(340, map.getSize().x - 70)),
      maxHeight: Math.max(140, Math.min(0.6 * map.getSize().y, map.getSize().y - 90)),
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
      map.getContainer().classList.add("wm-has-popup");
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
      map.getContainer().classList.remove("wm-has-popup");
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
      map.welcomemap.signs.push({ marker: marker, at: feature.at, tip: tip, group: group,
        isFixed: feature.sign === "address" });
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
    return group;
  }

  Object.assign(root.welcomemap, { element: element, drawing: drawing, isCalm: isCalm, paneOf: paneOf,
    addLayer: addLayer, preparePopups: preparePopups });
})(window);
