// Shared by all interactives: numbers, state in the address, controls, drawing. One global, `cl`.
// An interactive is a plain object given to `cl.define`; its HTML stands in docs/widgets/.
(() => {
  "use strict";
  if (window.cl) return window.cl.scan(); // instant navigation runs the scripts of a page again

  // ---- Numbers: float64, nats ---------------------------------------------------------------

  const sum = (xs) => xs.reduce((total, x) => total + x, 0);

  /** log of the sum of exponentials; -Infinity of nothing. */
  const logSumExp = (xs) => {
    const top = Math.max(...xs);
    return top === -Infinity ? top : top + Math.log(sum(xs.map((x) => Math.exp(x - top))));
  };

  const softmax = (xs) => {
    const total = logSumExp(xs);
    return xs.map((x) => Math.exp(x - total));
  };

  /** log(1 + e^x), exact at both ends. */
  const softplus = (x) => (x > 40 ? x : Math.log1p(Math.exp(x)));

  /** InfoNCE of one anchor in nats. The positive stays out of the sum: 1e-30 is not 0. */
  const infoNCE = (sPos, sNeg, tau) => softplus(logSumExp(sNeg.map((s) => s / tau)) - sPos / tau);

  /** Entropy of weights in nats; a weight of 0 adds nothing. */
  const entropy = (w) => -sum(w.map((x) => (x > 0 ? x * Math.log(x) : 0)));

  /** Effective number of negatives, e^H of their softmax. */
  const effective = (sNeg, tau) =>
    Math.exp(entropy(softmax(sNeg.map((s) => s / tau))));

  /** log of the series 0F1(; b; x) for x >= 0: all terms are positive, nothing cancels. */
  const logSeries = (b, x) => {
    let [term, total, scale] = [1, 1, 0];
    for (let k = 0; term > 1e-18 * total; k++) {
      term *= x / ((b + k) * (k + 1));
      total += term;
      if (total > 1e200) [term, total, scale] = [term / 1e200, total / 1e200, scale + Math.log(1e200)];
    }
    return scale + Math.log(total);
  };

  /** log E e^(kappa s) for the cosine s with a uniform point of the unit sphere in R^d. */
  const logUniform = (d, kappa) =>
    logSeries(d / 2, (kappa * kappa) / 4);

  /** E s e^(kappa s) / E e^(kappa s) for the same cosine: I1/I0 on the circle. */
  const meanUniform = (d, kappa) =>
    (kappa / d) * Math.exp(logSeries(d / 2 + 1, (kappa * kappa) / 4) - logUniform(d, kappa));

  /** The generator mulberry32: uniform numbers in [0, 1). */
  const mulberry32 = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  /** Standard normal numbers, two from each pair of uniform ones (Box and Muller). */
  const normals = (seed) => {
    const uniform = mulberry32(seed);
    let spare = NaN;
    return () => {
      if (!Number.isNaN(spare)) {
        const kept = spare;
        spare = NaN;
        return kept;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    };
  };

  /** `mulberry32` and `normals` for the Python texts, all numbers at once. */
  const PYTHON_UNIFORM = `def uniform(seed, count):  # mulberry32: the state is a counter
    low = np.uint64(2**32 - 1)
    a = (np.uint64(seed) + np.uint64(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint64)) & low
    t = (a ^ a >> np.uint64(15)) * (a | np.uint64(1)) & low
    t ^= (t + ((t ^ t >> np.uint64(7)) * (t | np.uint64(61)) & low)) & low
    return (t ^ t >> np.uint64(14)) / 2**32
`;
  const PYTHON_NORMALS = `${PYTHON_UNIFORM}
def normals(seed, count):  # Box and Muller
    u = uniform(seed, count).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(1 - u[:, 0])), 2 * np.pi * u[:, 1]
    return (radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)).ravel()
`;

  const radians = (degrees) => (degrees * Math.PI) / 180;

  // ---- State: kinds of values, their form in an address ---------------------------------------
  // A kind has a default, `tidy` (round and clamp) and `read` (from text; undefined if unreadable).

  const asNumber = (/** @type {string} */ text) =>
    /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;

  /** A number from min to max. `digits` are significant ones on a logarithmic scale, else decimals. */
  const number = (start, min, max, { digits = 4, log = false } = {}) => ({
    start, min, max, log, digits,
    tidy: (x) => {
      const inside = Math.min(max, Math.max(min, x));
      return Number(log ? inside.toPrecision(digits) : inside.toFixed(digits)) + 0;
    },
    read: asNumber,
    write: String,
  });

  const temperature = () => number(0.2, 0.01, 2, { log: true });
  const integer = (start, min, max) => number(start, min, max, { digits: 0 });

  /** Degrees, to a hundredth, from 0 up to 360. */
  const angle = (start) => ({
    ...number(start, 0, 360),
    tidy: (x) => Number((((x % 360) + 360) % 360).toFixed(2)) % 360,
  });

  const list = (kind, start, least, most) => ({
    start, least, most, kind,
    tidy: (xs) => xs.slice(0, most).map(kind.tidy),
    read: (text) => {
      const xs = text === "" ? [] : text.split("_").map(kind.read);
      return xs.length < least || xs.length > most || xs.includes(undefined) ? undefined : xs;
    },
    write: (xs) => xs.map(kind.write).join("_"),
  });

  const choice = (...options) => ({
    start: options[0], options,
    tidy: (x) => (options.includes(x) ? x : options[0]),
    read: (text) => (options.includes(text) ? text : undefined),
    write: String,
  });

  /** Words in one line, at most so many characters. */
  const text = (start, most, least = 0) => ({
    start,
    tidy: (x) => [...x.replace(/[\s\p{Cc}]+/gu, " ").trim()].slice(0, most).join("").trim(),
    read: (x) => (x.trim() || !least ? x : undefined),
    write: String,
    least,
  });

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const starts = (spec) =>
    Object.fromEntries(Object.entries(spec.state).map(([name, kind]) => [name, kind.start]));

  /** The state that an address asks for, and the names of values that had to be moved. */
  const readState = (spec, /** @type {string} */ query) => {
    const state = starts(spec);
    const moved = [];
    const asked = new URLSearchParams(query);
    for (const [name, kind] of Object.entries(spec.state)) {
      const text = asked.get(`${spec.key}.${name}`);
      if (text === null) continue;
      const value = text.length > 400 ? undefined : kind.read(text);
      if (value !== undefined) state[name] = kind.tidy(value);
      if (value === undefined || (kind.min !== undefined && (value < kind.min || value > kind.max)))
        moved.push(`${spec.key}.${name}`);
    }
    return { state: spec.repair ? spec.repair(state) : state, moved };
  };

  /** What a state adds to an address: everything that is not as at the start. */
  const writeState = (spec, state) =>
    Object.entries(spec.state)
      .filter(([name, kind]) => !same(state[name], kind.start))
      .map(([name, kind]) => [`${spec.key}.${name}`, kind.write(state[name])]);

  // ---- Text -----------------------------------------------------------------------------------

  /** A number as the page writes it: fixed decimals, a real minus, powers of ten where it must. */
  const show = (/** @type {number} */ x, digits = 4) => {
    if (x === Infinity) return "∞";
    if (x === -Infinity) return "−∞";
    const tiny = x !== 0 && Math.abs(x) < 0.5 * 10 ** -digits;
    return (tiny ? x.toExponential(1) : x.toFixed(digits)).replaceAll("-", "−");
  };
  const percent = (/** @type {number} */ x) => `${show(100 * x, 1)} %`;

  // ---- Drawing: SVG in CSS pixels, made once, changed afterwards --------------------------------

  const NS = "http://www.w3.org/2000/svg";

  /** A pen asks for elements by key; what it no longer asks for is gone after `lift`. */
  class Pen {
    /** @param {Element} root */
    constructor(root) {
      this.root = root;
      /** @type {Map<string, any>} */
      this.known = new Map();
      this.used = new Set();
    }

    /** The element of this key with these attributes, made if there is none. */
    put(key, tag, attributes = {}, text = undefined, parent = this.root) {
      let entry = this.known.get(key);
      if (!entry) {
        entry = { element: document.createElementNS(NS, tag), set: {} };
        this.known.set(key, entry);
      }
      const { element, set } = entry;
      if (element.parentNode !== parent) parent.append(element);
      for (const [name, value] of Object.entries(attributes)) {
        const next = typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
        if (set[name] === next) continue;
        set[name] = next;
        element.setAttribute(name, next);
      }
      if (text !== undefined && set.text !== text) element.textContent = set.text = text;
      this.used.add(key);
      return element;
    }

    lift() {
      for (const [key, { element }] of this.known) {
        if (this.used.has(key)) continue;
        element.remove();
        this.known.delete(key);
      }
      this.used.clear();
    }
  }

  const path = (/** @type {number[][]} */ points) =>
    points.map(([x, y], n) => `${n ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");

  /** A way from a value to a pixel, and back. */
  const scale = (min, max, from, to, log = false) => {
    const f = log ? Math.log : (x) => x;
    const [a, b] = [f(min), f(max)];
    const at = (x) => from + ((f(x) - a) / (b - a)) * (to - from);
    at.back = (pixel) => {
      const x = a + ((pixel - from) / (to - from)) * (b - a);
      return log ? Math.exp(x) : x;
    };
    return at;
  };

  /** Round steps between min and max, about `count` of them. */
  const ticks = (min, max, count = 5) => {
    const raw = (max - min) / count;
    const unit = 10 ** Math.floor(Math.log10(raw));
    const step = unit * [1, 2, 5, 10].find((m) => m * unit >= raw * 0.999);
    const found = [];
    for (let n = Math.ceil(min / step - 1e-9); n * step <= max + 1e-9 * step; n++)
      found.push(Number((n * step).toPrecision(12)));
    return found;
  };

  /** Axes with grid and labels; returns the scales `x` and `y`. */
  const axes = (pen, key, box, xAxis, yAxis) => {
    const { left, top, right, bottom } = box;
    const x = scale(xAxis.min, xAxis.max, left, right, xAxis.log);
    const y = scale(yAxis.min, yAxis.max, bottom, top, yAxis.log);
    const write = (v) => String(v).replace("-", "−");
    for (const v of xAxis.ticks ?? ticks(xAxis.min, xAxis.max, (right - left) / 70)) {
      pen.put(`${key}x${v}`, "line", { class: "grid", x1: x(v), x2: x(v), y1: top, y2: bottom });
      const name = { class: "tick", x: x(v), y: bottom + 16, "text-anchor": "middle" };
      pen.put(`${key}xt${v}`, "text", name, (xAxis.write ?? write)(v));
    }
    for (const v of yAxis.ticks ?? ticks(yAxis.min, yAxis.max, (bottom - top) / 40)) {
      pen.put(`${key}y${v}`, "line", { class: "grid", x1: left, x2: right, y1: y(v), y2: y(v) });
      const name = { class: "tick", x: left - 6, y: y(v) + 4, "text-anchor": "end" };
      pen.put(`${key}yt${v}`, "text", name, (yAxis.write ?? write)(v));
    }
    pen.put(`${key}base`, "path", { class: "axis", d: path([[left, top], [left, bottom], [right, bottom]]) });
    const xName = { class: "label", x: right, y: bottom + 32, "text-anchor": "end" };
    if (xAxis.label) pen.put(`${key}xl`, "text", xName, xAxis.label);
    if (yAxis.label) pen.put(`${key}yl`, "text", { class: "label", x: left - 30, y: top - 9 }, yAxis.label);
    return { x, y };
  };

  /** The sign of a role around the origin: disc of the anchor, triangle, square. */
  const SIGNS = {
    anchor: "M-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0z",
    positive: "M0-11L10 7H-10z",
    negative: "M-8-8H8V8H-8z",
    friend: "M0-11L11 0L0 11L-11 0z",
  };

  /** A point that is dragged and is a slider to keyboard and screen reader. `name` is its handle. */
  const handle = (pen, name, role, x, y, label, { now, text, min = 0, max = 360 }, parent = pen.root) => {
    const group = pen.put(`h-${name}`, "g", {
      class: "handle", "data-handle": name, "data-role": role === "friend" ? "negative" : role,
      role: "slider", tabindex: "0", transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
      "aria-label": label, "aria-valuemin": String(min), "aria-valuemax": String(max),
      "aria-valuenow": String(now), "aria-valuetext": text,
    }, undefined, parent);
    pen.put(`h-${name}-target`, "circle", { class: "target", r: 17 }, undefined, group);
    pen.put(`h-${name}-sign`, "path", { class: "sign", d: SIGNS[role] }, undefined, group);
    return group;
  };

  // ---- The element ------------------------------------------------------------------------------

  const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {Set<Interactive>} */
  const living = new Set();

  // Scripts of interactives far down, and large data, wait until they come near the window.
  const waiting = new Map();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) wake(target);
  }, { rootMargin: "50%" });
  const wait = (element, run) => {
    waiting.set(element, run);
    watch.observe(element);
  };
  const forget = (element) => {
    watch.unobserve(element);
    waiting.delete(element);
  };
  /** Do what an element waits for, or all that waits. */
  const wake = (element) => {
    for (const [one, run] of [...waiting]) {
      if (element && one !== element) continue;
      forget(one);
      run();
    }
  };

  const fetched = {};
  /** Run a script, once; scripts in the order in which they are asked for. */
  const script = (src) => {
    const url = new URL(src, location.href).href;
    return fetched[url] ??= new Promise((onload, onerror) => {
      document.head.append(Object.assign(document.createElement("script"), { src: url, async: false, onload, onerror }));
    });
  };

  /** Interactives whose scripts the page only names: fetch them when they come near. */
  const scan = () => {
    for (const element of [...waiting.keys()]) if (!element.isConnected) forget(element);
    for (const element of document.querySelectorAll(".cl-play:not(:defined)")) {
      const named = document.querySelectorAll(`[data-later="${element.localName}"]`);
      if (named.length) wait(element, () => named.forEach(({ dataset }) => script(dataset.src)));
    }
  };

  class Interactive extends HTMLElement {
    connectedCallback() {
      this.spec = cl.specs[this.localName];
      const ends = this.ends = new AbortController();
      if (!this.spec.data || this.spec.ready()) return this.begin();
      wait(this, () => this.spec.data(this).then(() => ends.signal.aborted || this.begin(), () => {
        this.querySelector(".cl-play__says").textContent = "The data did not arrive; the figure stands.";
      }));
    }

    begin() {
      const picture = this.picture = this.querySelector(".cl-play__picture");
      this.svg = document.createElementNS(NS, "svg");
      this.svg.setAttribute("class", "cl-play__svg");
      this.svg.setAttribute("role", "group");
      this.svg.setAttribute("aria-label", picture.dataset.label ?? "");
      this.pen = new Pen(this.svg);
      this.kept = [...picture.childNodes]; // the static figure, for a page that is left and cached
      this.size = [picture.clientWidth, picture.clientHeight]; // each asking costs a layout
      this.prepareInputs();
      this.listen();
      this.spec.start?.(this);
      this.load(location.search, true);
      picture.replaceChildren(this.svg, ...(this.canvases ?? []));
      this.sizes = new ResizeObserver(([{ contentRect }]) => {
        this.size = [Math.round(contentRect.width), Math.round(contentRect.height)];
        this.draw();
      });
      this.sizes.observe(picture);
      living.add(this);
      this.classList.add("is-alive");
    }

    disconnectedCallback() {
      this.ends.abort();
      forget(this);
      if (!living.has(this)) return;
      this.sizes.disconnect();
      for (const timer of [this.urlTimer, this.sayTimer]) clearTimeout(timer);
      cancelAnimationFrame(this.frame);
      this.spec.stop?.(this);
      living.delete(this);
      this.picture.replaceChildren(...this.kept);
      this.classList.remove("is-alive");
    }

    inputs(name) {
      return this.querySelectorAll(`[name="${CSS.escape(`${this.spec.key}.${name}`)}"]`);
    }

    /** Limits and steps of the fields come from the kinds of the state. */
    prepareInputs() {
      for (const [name, kind] of Object.entries(this.spec.state))
        for (const input of this.inputs(name)) {
          if (input.type !== "range" && input.type !== "number") continue;
          const onLog = kind.log && input.type === "range";
          input.min = String(onLog ? Math.log(kind.min) : kind.min);
          input.max = String(onLog ? Math.log(kind.max) + 1e-9 : kind.max); // steps of log 2 may end below
          const fine = onLog ? 0.01 : kind.log ? "any" : 10 ** -kind.digits;
          input.step = input.dataset.step ?? String(fine);
        }
    }

    listen() {
      const on = (type, run) => this.addEventListener(type, run, { signal: this.ends.signal });
      on("input", ({ target }) => {
        const name = target.name?.split(".")[1];
        const kind = this.spec.state[name];
        if (!kind) return this.guess(target);
        if (target.type === "range") {
          const x = Number(target.value);
          this.set({ [name]: kind.log ? Math.exp(x) : x });
        } else if (target.type === "number") {
          if (target.value !== "") this.set({ [name]: Number(target.value) });
        } else if (target.type === "checkbox") this.set({ [name]: target.checked ? "1" : "0" });
        else this.set({ [name]: target.value });
      });
      on("focusout", () => this.fillInputs());
      on("click", ({ target }) => {
        const does = target.closest?.("[data-do]")?.dataset.do;
        if (does === "reset") this.set(starts(this.spec));
        else if (does) this.spec.actions[does](this);
      });
      on("toggle", () => this.fillMore());
      this.addEventListener("toggle", () => this.fillMore(), { capture: true, signal: this.ends.signal });
      on("keydown", (event) => {
        const handled = event.target.closest?.("[data-handle]");
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key] ?? 0;
        const done = handled
          ? this.spec.pressed?.(this, handled.dataset.handle, event.key, way * (event.shiftKey ? 10 : 1))
          : undefined;
        if (!done) return;
        event.preventDefault();
        event.stopPropagation(); // N and F are shortcuts of the theme
      });
      on("pointerdown", (event) => {
        const handled = event.target.closest?.("[data-handle]");
        if (!handled || !this.spec.dragged) return;
        event.preventDefault();
        handled.focus({ preventScroll: true });
        handled.setPointerCapture(event.pointerId);
        const name = handled.dataset.handle;
        let moving = false;
        const move = (e) => {
          if (Math.hypot(e.clientX - x, e.clientY - y) < 4 && !moving) return; // a click, not a drag
          moving = true;
          const { left, top } = this.svg.getBoundingClientRect();
          this.spec.dragged(this, name, e.clientX - left, e.clientY - top);
        };
        const ends = new AbortController();
        const [x, y] = [event.clientX, event.clientY];
        handled.addEventListener("pointerup", (e) => {
          if (Math.hypot(e.clientX - x, e.clientY - y) < 4) this.spec.clicked?.(this, name);
        }, { signal: ends.signal });
        handled.addEventListener("pointermove", move, { signal: ends.signal });
        for (const type of ["pointerup", "pointercancel", "lostpointercapture"])
          handled.addEventListener(type, () => ends.abort(), { signal: ends.signal });
      });
    }

    /** Take the state of an address (`?f.t=0.1&...`), as at the opening of a page. */
    load(query, now = false) {
      const { state, moved } = readState(this.spec, query);
      this.moved = moved;
      this.state = state;
      this.refresh(now);
    }

    /** The only way to a new state: pointer, keys, fields, links and buttons all end here. */
    set(patch) {
      const next = { ...this.state };
      for (const [name, value] of Object.entries(patch)) {
        const tidy = this.spec.state[name].tidy(value);
        if ([tidy].flat().some(Number.isNaN) || tidy.length < this.spec.state[name].least) return;
        next[name] = tidy;
      }
      const repaired = this.spec.repair ? this.spec.repair(next) : next;
      if (same(repaired, this.state)) return;
      this.moved = [];
      this.state = repaired;
      this.refresh();
      clearTimeout(this.urlTimer);
      this.urlTimer = setTimeout(() => this.writeAddress(), 250);
    }

    refresh(now = false) {
      this.values = this.spec.compute(this.state, this);
      this.draw();
      for (const out of this.querySelectorAll("[data-out]")) {
        const value = this.values[out.dataset.out];
        out.setAttribute("value", String(value));
        const { form, digits } = out.dataset;
        const text = form === "percent" ? percent(value) : show(value, Number(digits ?? 4));
        if (out.textContent !== text) out.textContent = text;
      }
      this.fillInputs();
      this.fillMore();
      clearTimeout(this.sayTimer);
      if (now) this.say();
      else this.sayTimer = setTimeout(() => this.say(), 250);
    }

    draw() {
      if (!this.values) return;
      const [width, height] = this.size;
      if (!width || !height) return;
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.spec.draw(this, this.pen, width, height);
      this.pen.lift();
    }

    say() {
      const says = this.querySelector(".cl-play__says");
      const moved = this.moved.length
        ? `The link asked for a value out of range (${this.moved.join(", ")}); the nearest or usual one stands here. `
        : "";
      if (says) says.textContent = moved + this.spec.says(this.state, this.values);
    }

    fillInputs() {
      for (const [name, kind] of Object.entries(this.spec.state))
        for (const input of this.inputs(name)) {
          const value = this.state[name];
          if (input.type === "radio") input.checked = input.value === value;
          else if (input.type === "checkbox") input.checked = value === "1";
          else if (input.type === "range") {
            input.value = String(kind.log ? Math.log(value) : value);
            input.setAttribute("aria-valuetext", show(value, kind.log ? 4 : kind.digits));
          } else if (input !== document.activeElement) input.value = kind.write(value);
        }
    }

    /** Table, Python text and link: only while their disclosure is open. */
    fillMore() {
      const code = this.querySelector(".cl-play__python");
      if (code?.open) {
        const text = this.spec.python(this.state);
        code.querySelector("code").textContent = text;
        code.querySelector(".cl-copy").dataset.copy = text;
      }
      const data = this.querySelector(".cl-play__data");
      if (data?.open) {
        const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
        const rows = this.spec.rows(this.state, this.values).map((row, n) => {
          const line = document.createElement("tr");
          line.append(...row.map((text, m) => cell(n && m ? "td" : "th", text)));
          for (const th of line.querySelectorAll("th")) th.scope = n ? "row" : "col";
          return line;
        });
        data.querySelector("table").replaceChildren(...rows);
      }
      const link = this.querySelector(".cl-play__link");
      if (link) link.dataset.copy = this.address().href;
    }

    /** This page's address with the state of this interactive in it. */
    address(base = location.href) {
      const url = new URL(base);
      for (const name of Object.keys(this.spec.state)) url.searchParams.delete(`${this.spec.key}.${name}`);
      for (const [name, text] of writeState(this.spec, this.state)) url.searchParams.set(name, text);
      return url;
    }

    writeAddress() {
      const { href } = this.address();
      if (href !== location.href) history.replaceState(history.state, "", href);
    }

    guess(target) {
      const place = this.querySelector(".cl-play__guess");
      if (place && target.type === "radio")
        place.textContent = `Your guess: ${target.parentElement.textContent.trim()}. Now try it.`;
    }

    /** Run `step(share)` from 0 to 1 over some milliseconds; at once where motion is unwelcome. */
    animate(step, milliseconds) {
      cancelAnimationFrame(this.frame);
      if (REDUCED.matches) return step(1);
      const started = performance.now();
      const next = (now) => {
        const share = Math.min(1, Math.max(0, (now - started) / milliseconds));
        step(share);
        if (share < 1) this.frame = requestAnimationFrame(next);
      };
      this.frame = requestAnimationFrame(next);
    }
  }

  /** Prepared links: on the page where their interactive stands they change it in place. */
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href*='?']");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.pathname !== location.pathname) return;
    const keys = [...url.searchParams.keys()].map((name) => name.split(".")[0]);
    const keyOf = (element) => element.querySelector("[name*='.']")?.name.split(".")[0];
    const asked = [...document.querySelectorAll(".cl-play")].filter((e) => keys.includes(keyOf(e)));
    if (!asked.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const here = new URL(location.href);
    for (const name of [...here.searchParams.keys()])
      if (keys.includes(name.split(".")[0])) here.searchParams.delete(name);
    for (const [name, value] of url.searchParams) here.searchParams.set(name, value);
    history.replaceState(history.state, "", here);
    for (const element of asked)
      if (living.has(element)) element.load(here.search);
      else wake(element); // it will read its state there
    const place = document.getElementById(url.hash.slice(1)) ?? asked[0];
    place.scrollIntoView({ behavior: REDUCED.matches ? "auto" : "smooth" });
    asked[0].tabIndex = -1;
    asked[0].focus({ preventScroll: true });
  }, true);

  /** @type {any} */
  const cl = (window.cl = {
    specs: {},
    /** Make an interactive of a description; a second time it is the same one. */
    define(name, spec) {
      if (cl.specs[name]) return;
      cl.specs[name] = spec;
      customElements.define(name, class extends Interactive {});
    },
    sum, logSumExp, softmax, softplus, infoNCE, entropy, effective, logSeries, logUniform,
    meanUniform, mulberry32, normals, PYTHON_UNIFORM, PYTHON_NORMALS, radians,
    scan, wake, script,
    number, temperature, integer, angle, list, choice, text, starts, readState, writeState,
    show, percent, path, scale, ticks, axes, handle, REDUCED, SIGNS,
  });
  scan();
})();
