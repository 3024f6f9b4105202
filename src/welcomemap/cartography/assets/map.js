/* Buttons, scale and north arrow of a map sheet, and its life from opening to print. */
(function (root) {
  "use strict";
  var element = root.welcomemap.element, drawing = root.welcomemap.drawing;
  var isCalm = root.welcomemap.isCalm, arrange = root.welcomemap.arrange;
  var preparePopups = root.welcomemap.preparePopups;

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
    map.getContainer().classList.toggle("wm-narrow", isBelow);
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
    return { sheet: sheet, targets: {}, labels: [], signs: [], opener: null };
  }

  function prepare(map, sheet) {
    var box = map.getContainer();
    map.welcomemap = freshState(sheet);
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", sheet.label);
    box.setAttribute("tabindex", "0");
    if (!box.getRootNode().querySelector("[id^=wm-hatch-]")) box.appendChild(drawing(sheet.hatches));
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
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
    showWhole(map, false);
    arrange(map);
    map.on("resize", function () { arrangeButtons(map); });
    map.on("zoomend resize", function () { arrange(map); });
  }

  function finish(map) {
    furnish(map);
    wireTable(map);
    preparePrint(map);
  }

  Object.assign(root.welcomemap, { prepare: prepare, finish: finish, show: show, furnish: furnish,
    freshState: freshState, showWhole: showWhole });
})(window);
