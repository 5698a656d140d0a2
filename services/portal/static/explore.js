/* The interactive map: opened on request, drawn by MapLibre GL from our own vector tiles; nothing comes from elsewhere. */
(() => {
  "use strict";
  const frame = document.querySelector("[data-explore]");
  if (!frame) return;
  const { dataset } = frame;
  const words = JSON.parse(dataset.words);
  const uploaded = JSON.parse(dataset.layers);
  const [open, board, said, found] = ["open", "board", "said", "found"].map((name) => document.getElementById(`explore-${name}`));
  const webgl = () => {
    try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
  };
  const bring = (kind, address) => new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement(kind), kind === "script" ? { src: address } : { rel: "stylesheet", href: address });
    link.onload = resolve;
    link.onerror = reject;
    document.head.append(link);
  });
  const line = (label, value) => {
    const row = document.createElement("p");
    row.textContent = value === undefined ? label : `${label}: ${value}`;
    return row;
  };
  const number = (value) => value === undefined ? words.withheld : new Intl.NumberFormat(document.documentElement.lang).format(value);
  // What is told of a feature, by its layer.
  const tell = ({ source, sourceLayer, properties }) => {
    const card = document.createElement("div");
    if (sourceLayer === "features") {
      const name = document.createElement("b");
      const { title } = uploaded.find(({ id }) => id === source);
      name.textContent = properties.name || title;
      card.append(name, line(title));
    } else if (sourceLayer !== "enterprises") {
      const name = document.createElement("b");
      name.textContent = properties.name;
      card.append(name, line(words.enterprises, number(properties.enterprises)), line(words.women, number(properties.women)));
    } else if (properties.number) {
      card.append(line(words.enterprises, number(properties.number)), line(words.women, number(properties.women)), line(words.nearer));
    } else {
      card.append(line(words.chain, words.chains[properties.chain] || properties.chain), line(words.women, number(properties.women)));
      if (dataset.masked === "yes") card.append(line(words.masked));
      if (properties.id && dataset.records) {
        const link = document.createElement("a");
        Object.assign(link, { href: `${dataset.records}${properties.id}`, textContent: words.open });
        card.append(link);
      }
    }
    return card;
  };
  const style = () => {
    const at = (collection) => `${location.origin}/territory/map/tiles/${collection}/{z}/{y}/{x}`;
    const source = (collection) => ({ type: "vector", tiles: [at(collection)], minzoom: 0, maxzoom: 14 });
    const sources = { units: source("units") };
    const colours = { land: "#f6f2ec", line: "#8a7f72", bold: "#4a4238", sea: "#dfe9ee", point: "#0b5563" };
    const layers = [
      { id: "sea", type: "background", paint: { "background-color": colours.sea } },
      { id: "departments", type: "fill", source: "units", "source-layer": "departments", paint: { "fill-color": colours.land } },
      { id: "municipalities", type: "fill", source: "units", "source-layer": "municipalities", paint: { "fill-color": colours.land } },
      { id: "municipal-lines", type: "line", source: "units", "source-layer": "municipalities", paint: { "line-color": colours.line, "line-width": 0.8 } },
      { id: "department-lines", type: "line", source: "units", "source-layer": "departments", paint: { "line-color": colours.bold, "line-width": 1.8 } },
    ];
    const paints = {
      line: ["line", { "line-color": "#8c4a12", "line-width": 1.6, "line-dasharray": [5, 2] }],
      point: ["circle", { "circle-color": "#c2701c", "circle-radius": 5, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 }],
      polygon: ["fill", { "fill-color": "#c2701c", "fill-opacity": 0.25, "fill-outline-color": "#8c4a12" }],
    };
    for (const { id, shape } of uploaded) {
      const [type, paint] = paints[shape];
      sources[id] = source(id);
      layers.push({ id, type, source: id, "source-layer": "features", paint });
    }
    if (dataset.points) {
      sources.enterprises = source("enterprises");
      layers.push({
        id: "enterprises", type: "circle", source: "enterprises", "source-layer": "enterprises",
        paint: {
          "circle-color": colours.point, "circle-opacity": 0.75, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5,
          "circle-radius": ["case", ["has", "number"], ["min", 26, ["+", 4, ["*", 2.2, ["sqrt", ["sqrt", ["get", "number"]]]]]], 5],
        },
      });
    }
    return { version: 8, sources, layers };
  };
  const refuse = (sentence) => {
    said.textContent = sentence;
    open.hidden = board.hidden = true;
  };
  const start = () => {
    const { maplibregl } = window;
    maplibregl.setWorkerUrl(dataset.worker);
    board.hidden = false;
    open.hidden = true;
    const map = new maplibregl.Map({
      container: "explore-map", style: style(), bounds: JSON.parse(dataset.bounds), fitBoundsOptions: { padding: 20 },
      maxZoom: 17, attributionControl: false, dragRotate: false, pitchWithRotate: false, renderWorldCopies: false,
      locale: words.locale,
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
    map.addControl(new maplibregl.ScaleControl({ unit: "metric" }));
    map.getCanvas().setAttribute("aria-label", words.map);
    const asked = [...(dataset.points ? ["enterprises"] : []), ...uploaded.map(({ id }) => id), "municipalities", "departments"];
    const around = ({ x, y }) => [[x - 6, y - 6], [x + 6, y + 6]];
    const show = (place) => {
      const features = map.queryRenderedFeatures(around(place), { layers: asked });
      found.replaceChildren(...(features.length ? [tell(features[0])] : [line(words.nothing)]));
    };
    map.on("click", (event) => {
      show(event.point);
      const features = map.queryRenderedFeatures(around(event.point), { layers: asked });
      if (features.length) new maplibregl.Popup({ maxWidth: "18rem" }).setLngLat(event.lngLat).setDOMContent(tell(features[0])).addTo(map);
    });
    document.getElementById("explore-centre").addEventListener("click", () => show(map.project(map.getCenter())));
    map.on("idle", () => { frame.dataset.state = "drawn"; });
    map.on("webglcontextlost", () => refuse(words.lost));
    map.on("error", () => { said.textContent = words.trouble; });
    said.textContent = words.keys;
    map.getCanvas().focus();
  };
  if (!webgl()) return refuse(words.without);
  open.hidden = false;
  said.textContent = "";
  open.addEventListener("click", async () => {
    said.textContent = words.wait;
    open.disabled = true;
    try {
      await Promise.all([bring("link", dataset.style), bring("script", dataset.library)]);
      start();
    } catch {
      open.disabled = false;
      said.textContent = words.trouble;
    }
  });
})();
