// Shared by all interactives. One global, `cl`.
// An interactive is a plain object given to `cl.define`; its HTML stands in docs/widgets/.
(() => {
  "use strict";
  if (window.cl) return window.cl.scan(); // instant navigation runs the scripts of a page again

  // Numbers: float64, nats

  const sum = (xs) => xs.reduce((total, x) => total + x, 0);
  const mean = (xs) => sum(xs) / xs.length;
  const clamp = (x, least, most) => Math.min(most, Math.max(least, x));

  /** Mean squared distance from the mean; with `less` = 1 an estimate from a sample. */
  const variance = (xs, less = 0) => {
    const middle = mean(xs);
    return sum(xs.map((x) => (x - middle) ** 2)) / (xs.length - less);
  };

  /** A function that keeps its last result for as long as its arguments stay the same. */
  const keep = (f) => {
    let name, result;
    return (...args) => {
      const asked = JSON.stringify(args);
      if (asked !== name) [name, result] = [asked, f(...args)];
      return result;
    };
  };

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

  /** Effective number of negatives, e^H with the entropy H of their softmax; a weight of 0 adds nothing. */
  const effective = (sNeg, tau) =>
    Math.exp(-sum(softmax(sNeg.map((s) => s / tau)).map((w) => (w > 0 ? w * Math.log(w) : 0))));

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

  /** Where `f`, positive at `near` and not at `far`, turns: by halving. */
  const bisect = (f, near, far) => {
    for (let n = 0; n < 60; n++) {
      const middle = (near + far) / 2;
      if (f(middle) > 0) near = middle;
      else far = middle;
    }
    return (near + far) / 2;
  };

  const mulberry32 = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  /** Standard normal numbers (Box and Muller). */
  const normals = (seed) => {
    const uniform = mulberry32(seed);
    const spare = [];
    return () => {
      if (spare.length) return spare.pop();
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare.push(radius * Math.sin(angle));
      return radius * Math.cos(angle);
    };
  };

  /** `mulberry32` and `normals` for the Python texts, all numbers at once. */
  const PYTHON_UNIFORM = `def uniform(seed, count):  # mulberry32: the state is a counter
    a = np.uint32(seed) + np.uint32(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint32)
    t = (a ^ a >> 15) * (a | 1)
    t ^= t + (t ^ t >> 7) * (t | 61)
    return (t ^ t >> 14) / 2.0**32
`;
  const PYTHON_NORMALS = `${PYTHON_UNIFORM}
def normals(seed, count):  # Box and Muller
    u = uniform(seed, count).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(1 - u[:, 0])), 2 * np.pi * u[:, 1]
    return (radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)).ravel()
`;

  const radians = (degrees) => (degrees * Math.PI) / 180;
  const degrees = (radians) => (radians * 180) / Math.PI;

  // State: kinds of values, their form in an address
  // A kind has a default, `tidy` (round and clamp) and `read` (from text; undefined if unreadable).

  /** A number from min to max. `digits` are significant ones on a logarithmic scale, else decimals. */
  const number = (start, min, max, { digits = 4, log = false } = {}) => ({
    start, min, max, log, digits,
    tidy: (x) => {
      const inside = clamp(x, min, max);
      return Number(log ? inside.toPrecision(digits) : inside.toFixed(digits)) + 0;
    },
    read: (text) => (/^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined),
    write: String,
  });

  const temperature = () => number(0.2, 0.01, 2, { log: true });
  const integer = (start, min, max) => number(start, min, max, { digits: 0 });

  const power = (start, min, max) => ({
    ...number(start, min, max, { log: true }),
    tidy: (x) => 2 ** Math.round(Math.log2(clamp(x, min, max))),
  });

  /** Degrees, to a hundredth, from 0 up to 360. */
  const angle = (start) => ({
    ...number(start, 0, 360),
    tidy: (x) => Number((((x % 360) + 360) % 360).toFixed(2)) % 360,
  });

  const list = (kind, start, least, most) => ({
    start, least,
    tidy: (xs) => xs.slice(0, most).map(kind.tidy),
    read: (text) => {
      const xs = text === "" ? [] : text.split("_").map(kind.read);
      return xs.length < least || xs.length > most || xs.includes(undefined) ? undefined : xs;
    },
    write: (xs) => xs.map(kind.write).join("_"),
  });

  const choice = (...options) => ({
    start: options[0],
    tidy: (x) => (options.includes(x) ? x : options[0]),
    read: (text) => (options.includes(text) ? text : undefined),
    write: String,
  });

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
  const readState = (spec, query) => {
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

  /** What is not as at the start. */
  const writeState = (spec, state) =>
    Object.entries(spec.state)
      .filter(([name, kind]) => !same(state[name], kind.start))
      .map(([name, kind]) => [`${spec.key}.${name}`, kind.write(state[name])]);

  const show = (x, digits = 4) => {
    const tiny = x !== 0 && Math.abs(x) < 0.5 * 10 ** -digits;
    return (tiny ? x.toExponential(1) : x.toFixed(digits)).replaceAll("-", "−").replace("Infinity", "∞");
  };
  const percent = (x) => `${show(100 * x, 1)}%`;

  // Drawing: SVG in CSS pixels, made once, changed afterwards

  const NS = "http://www.w3.org/2000/svg";

  const SIGNS = {
    anchor: "M-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0z",
    positive: "M0-11L10 7H-10z",
    negative: "M-8-8H8V8H-8z",
    friend: "M0-11L11 0L0 11L-11 0z",
  };

  /** A pen asks for elements by key; what it no longer asks for is gone after `lift`. */
  class Pen {
    constructor(root) {
      this.root = root;
      this.known = new Map();
      this.used = new Set();
    }

    put(key, tag, attributes, text = undefined) {
      let entry = this.known.get(key);
      if (!entry) {
        entry = { element: document.createElementNS(NS, tag), set: {} };
        this.known.set(key, entry);
      }
      const { element, set } = entry;
      if (element.parentNode !== this.root) this.root.append(element);
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

    group(key, attributes = {}, tag = "g") {
      const root = this.put(key, tag, attributes);
      return Object.assign(Object.create(Pen.prototype), this, { root });
    }

    line(key, look, x1, y1, x2, y2, role = undefined) {
      return this.put(key, "line", { class: look, "data-role": role, x1, y1, x2, y2 });
    }

    rect(key, look, x, y, width, height, role = undefined) {
      return this.put(key, "rect", { class: look, "data-role": role, x, y, width, height });
    }

    circle(key, look, cx, cy, r, role = undefined) {
      return this.put(key, "circle", { class: look, "data-role": role, cx, cy, r });
    }

    curve(key, look, points, role = undefined) {
      const d = points.map(([x, y], n) => `${n ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
      return this.put(key, "path", { class: look, "data-role": role, d });
    }

    text(key, words, x, y, anchor = "start", look = "tick") {
      return this.put(key, "text", { class: look, x, y, "text-anchor": anchor }, words);
    }

    sign(key, role, x, y, size = 1, shape = role) {
      const transform = `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${size})`;
      return this.put(key, "path", { class: "sign", "data-role": role, d: SIGNS[shape], transform });
    }

    /** A group to drag, a slider to keyboard and screen reader. */
    slider(name, label, { now, text, min = 0, max = 360 }, more = {}) {
      return this.group(`h-${name}`, {
        class: "handle", "data-handle": name, role: "slider", tabindex: "0",
        "aria-label": label, "aria-valuemin": String(min), "aria-valuemax": String(max),
        "aria-valuenow": String(now), "aria-valuetext": text, "data-sym": label, ...more,
      });
    }

    handle(name, role, x, y, label, value, shape = role) {
      const group = this.slider(name, label, value, { "data-role": role });
      group.circle(`h-${name}-target`, "target", x, y, 17);
      group.sign(`h-${name}-sign`, role, x, y, 1, shape);
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

  const ticks = (min, max, count = 5) => {
    const raw = (max - min) / count;
    const unit = 10 ** Math.floor(Math.log10(raw));
    const step = unit * [1, 2, 5, 10].find((m) => m * unit >= raw * 0.999);
    const found = [];
    for (let n = Math.ceil(min / step - 1e-9); n * step <= max + 1e-9 * step; n++)
      found.push(Number((n * step).toPrecision(12)));
    return found;
  };

  /** Axes with grid and labels, and their scales. */
  const axes = (pen, key, box, xAxis, yAxis) => {
    const { left, top, right, bottom } = box;
    const x = scale(xAxis.min, xAxis.max, left, right, xAxis.log);
    const y = scale(yAxis.min, yAxis.max, bottom, top, yAxis.log);
    const write = (v) => String(v).replace("-", "−");
    for (const v of xAxis.ticks ?? ticks(xAxis.min, xAxis.max, (right - left) / 70)) {
      pen.line(`${key}x${v}`, "grid", x(v), top, x(v), bottom);
      pen.text(`${key}xt${v}`, write(v), x(v), bottom + 16, "middle");
    }
    for (const v of ticks(yAxis.min, yAxis.max, (bottom - top) / 40)) {
      pen.line(`${key}y${v}`, "grid", left, y(v), right, y(v));
      pen.text(`${key}yt${v}`, write(v), left - 6, y(v) + 4, "end");
    }
    pen.curve(`${key}base`, "axis", [[left, top], [left, bottom], [right, bottom]]);
    pen.text(`${key}xl`, xAxis.label, right, bottom + 32, "end", "label");
    pen.text(`${key}yl`, yAxis.label, left - 30, top - 9, "start", "label");
    return { x, y };
  };

  const nameOf = (k) => (k === 0 ? "positive" : `negative ${k}`);

  /** Points of a list of the state, with handles `k0`, `k1` ...: the first is the positive, and stays. */
  const points = (list, fresh) => {
    const add = (element) => element.set({ [list]: [...element.state[list], fresh(element.state)] });
    const drop = (element, k = element.state[list].length - 1) => {
      const less = element.state[list].filter((_, n) => n !== k);
      element.set({ [list]: less, ...element.spec.dropped?.(element.state, k) });
      return Math.min(k, less.length - 1);
    };
    return {
      place: (element, name, value) =>
        element.set({ [list]: element.state[list].map((old, n) => (name === list + n ? value : old)) }),
      pressed(element, name, key) {
        const k = Number(name.slice(1));
        if (key.toLowerCase() === "n") add(element);
        else if (key === "Delete" && k > 0)
          element.querySelector(`[data-handle=${list}${drop(element, k)}]`).focus();
        else return false;
        return true;
      },
      actions: { add, drop },
    };
  };

  const reseed = (element, more = {}) => element.set({ s: (element.state.s % 9999) + 1, ...more });

  const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");
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
  /** Do what an element waits for, or what all do. */
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
      const look = { class: "cl-play__svg", role: "group", "aria-label": picture.dataset.label };
      this.svg = new Pen(new DocumentFragment()).put("svg", "svg", look);
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

    /** The fields, by the names of their values; limits and steps come from the kinds of the state. */
    prepareInputs() {
      this.fields = [...this.querySelectorAll("[name]")].map((input) => [input, input.name.split(".")[1]])
        .filter(([, name]) => name in this.spec.state);
      for (const [input, name] of this.fields) {
        if (input.type !== "range" && input.type !== "number") continue;
        const kind = this.spec.state[name];
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
        const value = kind.log && target.type === "range" ? Math.exp(target.value) : kind.read(target.value);
        if (value !== undefined) this.set({ [name]: value });
      });
      on("focusout", () => this.fillInputs());
      on("click", ({ target }) => {
        const does = target.closest?.("[data-do]")?.dataset.do;
        if (does === "reset") this.set(starts(this.spec));
        else if (does) this.spec.actions[does]?.(this);
      });
      this.addEventListener("toggle", () => this.fillMore(), { capture: true, signal: this.ends.signal });
      on("keydown", (event) => {
        const handled = event.target.closest?.("[data-handle]");
        if (!handled || event.altKey || event.ctrlKey || event.metaKey) return;
        const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key] ?? 0;
        if (!this.spec.pressed(this, handled.dataset.handle, event.key, way * (event.shiftKey ? 10 : 1))) return;
        event.preventDefault();
        event.stopPropagation(); // N and F are shortcuts of the theme
      });
      on("pointerover", ({ target }) => target.role === "gridcell" && this.spec.clicked(this, target.dataset.handle));
      on("pointerdown", (event) => {
        const handled = event.target.closest?.("[data-handle]");
        if (!handled) return;
        event.preventDefault();
        handled.focus({ preventScroll: true });
        handled.setPointerCapture(event.pointerId);
        const name = handled.dataset.handle;
        const ends = new AbortController();
        const until = (type, run) => handled.addEventListener(type, run, { signal: ends.signal });
        let [from, moving] = [event, false];
        until("pointermove", (e) => {
          moving ||= Math.hypot(e.clientX - from.clientX, e.clientY - from.clientY) > 3; // else a click
          if (!moving) return;
          const { left, top } = this.svg.getBoundingClientRect();
          this.spec.dragged?.(this, name, e.clientX - left, e.clientY - top, e.clientX - from.clientX, e.clientY - from.clientY);
          from = e;
        });
        until("pointerup", () => moving || this.spec.clicked?.(this, name));
        for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) until(type, () => ends.abort());
      });
    }

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
      for (const [input, name] of this.fields) {
        const [kind, value] = [this.spec.state[name], this.state[name]];
        if (input.type === "radio") input.checked = input.value === value;
        else if (input.type === "range") {
          input.value = String(kind.log ? Math.log(value) : value);
          input.setAttribute("aria-valuetext", show(value, kind.log ? 4 : kind.digits));
        } else if (input !== document.activeElement) input.value = kind.write(value);
      }
    }

    /** Table and Python text, while they are open; the link. */
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
          line.dataset.sym = row[0]; // lights up with its point
          for (const th of line.querySelectorAll("th")) th.scope = n ? "row" : "col";
          return line;
        });
        data.querySelector("table").replaceChildren(...rows);
      }
      const link = this.querySelector(".cl-play__link");
      if (link) link.dataset.copy = Object.assign(this.address(), { hash: this.id }).href;
    }

    address() {
      const url = new URL(location.href);
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
        const share = clamp((now - started) / milliseconds, 0, 1);
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

  const cl = (window.cl = {
    specs: {},
    define(name, spec) {
      if (cl.specs[name]) return;
      cl.specs[name] = spec;
      customElements.define(name, class extends Interactive {});
    },
    sum, mean, clamp, variance, keep, logSumExp, softmax, softplus, infoNCE, effective, logSeries, logUniform,
    meanUniform, bisect, mulberry32, normals, PYTHON_UNIFORM, PYTHON_NORMALS, radians, degrees,
    scan, wake, script,
    number, temperature, integer, power, angle, list, choice, text, starts, readState, writeState,
    show, percent, scale, axes, nameOf, points, reseed, REDUCED,
  });
  scan();
})();
