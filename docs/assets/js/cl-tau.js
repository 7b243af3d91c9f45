// Temperature: one slider moves weights, their effective number, loss, push and both limit laws.
(() => {
  "use strict";
  const { keys, show, percent, sum } = cl;

  const LOW = 0.01;
  const HIGH = 2;
  const GRID = Array.from({ length: 97 }, (_, n) => LOW * (HIGH / LOW) ** (n / 96));

  const lossAt = (tau, c) => cl.infoNCE(c[0], c.slice(1), tau);
  const weightsAt = (tau, c) => cl.softmax(c.map((s) => s / tau));

  /** The temperature of the lowest loss: in 1/tau the loss is convex, so halve where it turns. */
  const best = (c) => {
    const slope = (beta) => sum(weightsAt(1 / beta, c).map((p, k) => p * (c[k] - c[0])));
    let [low, high] = [1 / HIGH, 1 / LOW];
    if (slope(low) >= 0) return HIGH;
    if (slope(high) <= 0) return LOW;
    for (let n = 0; n < 60; n++) {
      const middle = (low + high) / 2;
      if (slope(middle) < 0) low = middle;
      else high = middle;
    }
    return 2 / (low + high);
  };

  const dimension = (m) => (m === "sphere" ? 3 : 2);

  const curve = (pen, name, xs, f, { x, y }, attributes, [least, most]) => {
    const inside = xs.map((v) => [v, f(v)]).filter(([, value]) => value >= least && value <= most);
    if (inside.length > 1)
      pen.put(name, "path", { class: "curve", ...attributes, d: cl.path(inside.map(([v, value]) => [x(v), y(value)])) });
  };

  const marker = (pen, box, axes, t, value, role) => {
    const x = axes.x(t);
    pen.put(`${role}-now`, "line", { class: "now", "data-role": "temperature", x1: x, x2: x, y1: box.top, y2: box.bottom });
    const y = Math.min(box.bottom, Math.max(box.top, axes.y(value)));
    pen.put(`${role}-dot`, "circle", { class: "dot", "data-role": "temperature", cx: x, cy: y, r: 5 });
  };

  /** Left: the loss with both limits. Right: what each negative pushes with. */
  const discrete = (pen, left, right, xAxis, { state: { t, c }, values: v }) => {
    const losses = GRID.map((tau) => lossAt(tau, c));
    const most = Math.min(6, Math.max(1, ...losses.map((x) => x * 1.08)));
    const a = cl.axes(pen, "l", left, xAxis, { min: 0, max: most, label: "loss / nats" });
    const range = [0, most];
    const mean = sum(c) / c.length;
    const variance = sum(c.map((s) => (s - mean) ** 2)) / c.length;
    const top = Math.max(...c);
    const ties = c.filter((s) => s === top).length;
    curve(pen, "warm", GRID.filter((tau) => tau > 0.12), (tau) => Math.log(c.length) + (mean - c[0]) / tau + variance / (2 * tau ** 2), a, { class: "curve limit" }, range);
    curve(pen, "cold", GRID, (tau) => (top - c[0]) / tau + Math.log(ties), a, { class: "curve limit cold" }, range);
    curve(pen, "loss", GRID, (tau) => lossAt(tau, c), a, { class: "curve thick" }, range);
    marker(pen, left, a, t, v.loss, "l");
    const pushes = GRID.map((tau) => weightsAt(tau, c).slice(1).map((p) => p / tau));
    const highest = Math.max(0.5, ...pushes.flat()) * 1.1;
    const cap = Math.min(highest, 30);
    const b = cl.axes(pen, "r", right, xAxis, { min: 0, max: cap, label: "push of each negative" });
    c.slice(1).forEach((_, k) => {
      const points = GRID.map((tau, n) => [tau, pushes[n][k]]).filter(([, y]) => y <= cap);
      pen.put(`push${k}`, "path", { class: "curve", "data-role": "negative", style: `stroke-dasharray: ${["none", "7 3", "3 3", "9 2 2 2", "1.5 3", "12 4", "5 5"][k]}`, d: cl.path(points.map(([tau, y]) => [b.x(tau), b.y(y)])) });
      const peak = points.reduce((high, point) => (point[1] > high[1] ? point : high), points[0]);
      if (peak[1] > 0.06 * cap)
        pen.put(`push${k}-n`, "text", { class: "tick", x: b.x(peak[0]) + 3, y: Math.max(right.top + 8, b.y(peak[1]) - 4) }, String(k + 1));
    });
    marker(pen, right, b, t, v.push, "r");
  };

  /** Weight of each direction, the anchor in the middle. */
  const density = (pen, width, bottom, t, m) => {
    const box = { left: 38, right: width - 12, top: 30, bottom: bottom - 34 };
    const d = dimension(m);
    const logMean = cl.logUniform(d, 1 / t);
    const weight = (degrees) => Math.exp(Math.cos(cl.radians(degrees)) / t - logMean);
    const most = weight(0) * 1.05;
    const { x, y } = cl.axes(pen, "d", box, { min: -180, max: 180, ticks: [-180, -90, 0, 90, 180], write: (v) => `${String(v).replace("-", "−")}°`, label: "angle to the anchor" }, { min: 0, max: most, label: "weight (even: 1)" });
    const points = Array.from({ length: 181 }, (_, n) => [x(2 * n - 180), y(weight(2 * n - 180))]);
    pen.put("d-area", "path", { class: "area", "data-role": "negative", d: `${cl.path([[x(-180), y(0)], ...points, [x(180), y(0)]])}z` });
    pen.put("d-curve", "path", { class: "curve", "data-role": "negative", d: cl.path(points) });
    pen.put("d-even", "line", { class: "now", x1: box.left, x2: box.right, y1: y(1), y2: y(1) });
  };

  /** Left: effective share of the sphere. Right: mean cosine of the push. */
  const continuum = (pen, left, right, xAxis, { state: { t, m }, values: v }) => {
    const d = dimension(m);
    const a = cl.axes(pen, "l", left, xAxis, { min: 0, max: 1, label: "effective share" });
    const share = (tau) => Math.exp(cl.logUniform(d, 1 / tau) - cl.meanUniform(d, 1 / tau) / tau);
    curve(pen, "share", GRID, share, a, { class: "curve thick" }, [0, 1]);
    marker(pen, left, a, t, v.share, "l");
    const b = cl.axes(pen, "r", right, xAxis, { min: 0, max: 1, label: "mean cosine of the push" });
    curve(pen, "pull", GRID, (tau) => cl.meanUniform(d, 1 / tau), b, { class: "curve thick" }, [0, 1]);
    marker(pen, right, b, t, v.meanPull, "r");
  };

  cl.define("cl-tau", {
    key: "tau",
    state: {
      t: cl.temperature(),
      c: keys.cosines(),
      m: cl.choice("keys", "circle", "sphere"),
    },

    compute({ t, c, m }) {
      const p = weightsAt(t, c);
      const w = cl.softmax(c.slice(1).map((s) => s / t));
      const mean = sum(c) / c.length;
      const variance = sum(c.map((s) => (s - mean) ** 2)) / c.length;
      const top = Math.max(...c);
      const ties = c.filter((s) => s === top).length;
      const hardest = c.indexOf(Math.max(...c.slice(1)), 1);
      const bestTau = best(c);
      const logMean = cl.logUniform(dimension(m), 1 / t);
      const meanPull = cl.meanUniform(dimension(m), 1 / t);
      return {
        loss: lossAt(t, c), p, w,
        neff: Math.exp(cl.entropy(w)),
        wHardest: w[hardest - 1],
        hardest,
        push: p[hardest] / t,
        slope: sum(p.map((x, k) => x * (c[0] - c[k]))) / t ** 2,
        warm: Math.log(c.length) + (mean - c[0]) / t + variance / (2 * t ** 2),
        cold: (top - c[0]) / t + Math.log(ties),
        bestTau,
        bestLoss: lossAt(bestTau, c),
        logMean, meanPull,
        share: Math.exp(logMean - meanPull / t),
      };
    },

    says({ t, c, m }, v) {
      if (m !== "keys")
        return `With negatives spread evenly over the ${m}, their mean exponential is worth ${show(v.logMean, 3)} nats at temperature ${t}. The push comes from ${percent(v.share)} of the ${m}, as if that part alone were there and even.`;
      const all = c.length - 1;
      const side = v.bestTau <= LOW ? "The colder the better: the positive leads."
        : v.bestTau >= HIGH ? "The warmer the better: the positive is behind the mean."
        : `The loss is lowest at temperature ${show(v.bestTau, 4)}.`;
      return `At temperature ${t} the ${all} negatives count as ${show(v.neff, 2)}; negative ${v.hardest} takes ${percent(v.wHardest)} of the push, ${show(v.push, 3)} per unit of cosine. ${side}`;
    },

    rows({ c, t }, v) {
      return [
        ["Key", "Cosine", "Logit", "Weight p", "Weight w", "Push or pull"],
        ...c.map((s, k) => [
          keys.nameOf(k), show(s, 4), show(s / t, 4), show(v.p[k], 4), k ? show(v.w[k - 1], 4) : "",
          show(k ? v.p[k] / t : -sum(v.p.slice(1)) / t, 4),
        ]),
      ];
    },

    python: (state) => state.m === "keys"
      ? `${keys.python(state)}w = infonce.negative_weights(s[0, 1:], temperature=tau)
push = infonce.similarity_grad(s, first, temperature=tau)[0, ${state.c.indexOf(Math.max(...state.c.slice(1)), 1)}]
print(repr(loss.item()), repr(infonce.effective_negatives(w).item()), repr(push.item()))`
      : `import infonce

tau = ${state.t}
print(repr(infonce.uniformity_reference(${dimension(state.m)}, t=1 / (2 * tau)) + 1 / tau))`,

    exports: ({ m }) => (m === "keys" ? ["loss", "neff", "push"] : ["logMean"]),

    draw(element, pen, width, height) {
      const { state: { t, c, m }, values: v } = element;
      const side = width > 560;
      const row = 30;
      const upper = 30 + row * c.length + 34;
      if (m === "keys") {
        const texts = v.p.map((_, k) => (k ? show(v.w[k - 1], 3) : ""));
        keys.rows(pen, width, { top: 30, row }, { s: c, bars: [0, ...v.w], full: 1, name: "share of the push w", texts });
      } else density(pen, width, upper, t, m);
      const boxes = side
        ? [[38, width / 2 - 18, upper + 22, height - 40], [width / 2 + 38, width - 12, upper + 22, height - 40]]
        : [[38, width - 12, upper + 22, (upper + height) / 2 - 30], [38, width - 12, (upper + height) / 2 + 30, height - 40]];
      const at = ([left, right, top, bottom]) => ({ left, right, top, bottom });
      const xAxis = { min: LOW, max: HIGH, log: true, label: "temperature τ", ticks: side || width > 440 ? [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2] : [0.01, 0.03, 0.1, 0.3, 1] };
      (m === "keys" ? discrete : continuum)(pen, at(boxes[0]), at(boxes[1]), xAxis, element);
    },

    dragged: (element, name, x) => keys.dragged(element, name, x),
    pressed: (element, name, key, turn) => keys.pressed(element, name, key, turn),
    actions: {
      ...keys.actions,
      best: (element) => element.set({ t: element.values.bestTau }),
    },
  });
})();
