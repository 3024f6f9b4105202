/* Signs and labels find their places anew at every zoom, so that none hides another. */
(function (root) {
  "use strict";
  var paneOf = root.welcomemap.paneOf;

  /* ---- signs that would hide each other step aside, with a line to their true place ---- */

  var ROOM = 29, MOST_SIGNS = 400;

  function centreOf(map, sign) {
    var point = map.latLngToLayerPoint(sign.at);
    return { x: point.x + 14 - sign.tip[0], y: point.y + 14 - sign.tip[1] };
  }

  function stepAside(signs, places) {
    var isMoved = false;
    for (var i = 0; i < signs.length; i += 1) {
      for (var j = i + 1; j < signs.length; j += 1) {
        var dx = places[j].x - places[i].x, dy = places[j].y - places[i].y;
        var apart = Math.hypot(dx, dy);
        if (apart >= ROOM || (signs[i].isFixed && signs[j].isFixed)) continue;
        if (apart < 0.01) {
          dx = Math.cos(i * 2.4);
          dy = Math.sin(i * 2.4);
          apart = 1;
        }
        var push = (ROOM + 0.5 - Math.min(apart, ROOM)) / apart;
        var first = signs[i].isFixed ? 0 : signs[j].isFixed ? 1 : 0.5;
        places[i].x -= dx * push * first;
        places[i].y -= dy * push * first;
        places[j].x += dx * push * (1 - first);
        places[j].y += dy * push * (1 - first);
        isMoved = true;
      }
    }
    return isMoved;
  }

  function spreadSigns(map) {
    var signs = map.welcomemap.signs;
    var places = signs.map(function (sign) { return centreOf(map, sign); });
    if (signs.length <= MOST_SIGNS) {
      for (var round = 0; round < 60 && stepAside(signs, places); round += 1) { /* until apart */ }
    }
    signs.forEach(function (sign, number) {
      var home = centreOf(map, sign), place = places[number];
      var tip = L.point(place.x - 14 + sign.tip[0], place.y - 14 + sign.tip[1]);
      if (sign.leader) sign.group.removeLayer(sign.leader);
      sign.leader = null;
      sign.place = Math.hypot(place.x - home.x, place.y - home.y) > 1
        ? map.layerPointToLatLng(tip) : L.latLng(sign.at);
      sign.marker.setLatLng(sign.place);
      if (Math.hypot(place.x - home.x, place.y - home.y) > 5) {
        sign.leader = L.featureGroup([
          L.polyline([sign.at, sign.place], { pane: paneOf(map, "ways"), color: "#1A1A1A",
            weight: 1.5, interactive: false }),
          L.circleMarker(sign.at, { pane: paneOf(map, "ways"), radius: 2.5, color: "#1A1A1A",
            weight: 1, fillColor: "#1A1A1A", fillOpacity: 1, interactive: false })
        ]).addTo(sign.group);
      }
    });
  }

  function arrange(map) {
    spreadSigns(map);
    placeLabels(map);
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
    var taken = controlBoxes(map).concat(state.signs.map(function (sign) {
      var point = map.latLngToContainerPoint(sign.place || sign.at);
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
      var most = label.feature.most_overlap === undefined ? 260 : label.feature.most_overlap;
      if (best.cost > most && label.feature.may_hide) {
        node.classList.add("wm-gone");
        return;
      }
      label.marker.setLatLng(best.place);
      taken.push(best.box);
    });
  }

  Object.assign(root.welcomemap, { arrange: arrange });
})(window);
