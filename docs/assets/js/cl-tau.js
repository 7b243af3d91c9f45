// Temperature: one slider moves weights, their effective number, loss, push and both limit laws.
(() => {
  "use strict";
  const { keys, show, percent, sum } = cl;

  const LOW = 0.01;
  const HIGH = 2;
  const GRID = Array.from({ length: 97 }, (_, n) => LOW * (HIGH / LOW) ** (n / 96));

  const DASHES = ["none", "7 3", "3 3", "9 2 2 2", "1.5 3", "12 4", "5 5"];

  const lossAt = (tau, c) => cl.infoNCE(c[0], c.slice(1), tau);
  const weightsAt = (tau, c) => cl.softmax(c.map((s) => s / tau));

  /** The temperature of the lowest loss: in 1/tau the loss is convex, so halve where it turns. */
  const best = (c) => {
    const fall = (beta) => sum(weightsAt(1 / beta, c).map((p, k) => p * (c[0] - c[k])));
    if (fall(1 / HIGH) <= 0) return HIGH;
    if (fall(1 / LOW) >= 0) return LOW;
    return 1 / cl.bisect(fall, 1 / HIGH, 1 / LOW);
  };

  const dimension = (m) => (m === "sphere" ? 3 : 2);

  /** Both limits of the loss: a line in 1/tau where it is cold, a parabola where it is warm. */
  const warm = (tau, c) => Math.log(c.length) + (cl.mean(c) - c[0]) / tau + cl.variance(c) / (2 * tau ** 2);
  const cold = (tau, c) => {
    const top = Math.max(...c);
    return (top - c[0]) / tau + Math.log(c.filter((s) => s === top).length);
  };

  const curve = (pen, name, look, ys, { x, y }, most, role = undefined) => {
    const inside = GRID.map((tau, n) => [x(tau), ys[n]]).filter(([, value]) => value >= 0 && value <= most);
    return inside.length > 1 && pen.curve(name, look, inside.map(([at, value]) => [at, y(value)]), role);
  };

  const marker = (pen, box, { x, y }, t, value, name) => {
    pen.line(`${name}-now`, "now", x(t), box.top, x(t), box.bottom, "temperature");
    pen.circle(`${name}-dot`, "dot", x(t), cl.clamp(y(value), box.top, box.bottom), 5, "temperature");
  };

  /** Left: the loss with both limits. Right: what each negative pushes with. */
  const discrete = (pen, left, right, xAxis, { state: { t, c }, values: v }) => {
    const losses = GRID.map((tau) => lossAt(tau, c));
    const most = Math.min(6, Math.max(1, ...losses.map((x) => x * 1.08)));
    const a = cl.axes(pen, "l", left, xAxis, { min: 0, max: most, label: "loss / nats" });
    curve(pen, "warm", "curve limit", GRID.map((tau) => (tau > 0.12 ? warm(tau, c) : NaN)), a, most);
    curve(pen, "cold", "curve limit cold", GRID.map((tau) => cold(tau, c)), a, most);
    curve(pen, "loss", "curve thick", losses, a, most);
    marker(pen, left, a, t, v.loss, "l");
    const pushes = GRID.map((tau) => weightsAt(tau, c).map((p) => p / tau));
    const cap = Math.min(30, 1.1 * Math.max(0.5, ...pushes.flatMap((xs) => xs.slice(1))));
    const b = cl.axes(pen, "r", right, xAxis, { min: 0, max: cap, label: "push of each negative" });
    for (let k = 1; k < c.length; k++) {
      const push = pushes.map((xs) => xs[k]);
      const line = curve(pen, `push${k}`, "curve", push, b, cap, "negative");
      if (line) line.style.strokeDasharray = DASHES[k - 1];
      const peak = Math.max(...push.filter((x) => x <= cap));
      if (peak > 0.06 * cap)
        pen.text(`push${k}-n`, String(k), b.x(GRID[push.indexOf(peak)]) + 3, Math.max(right.top + 8, b.y(peak) - 4));
    }
    marker(pen, right, b, t, v.push, "r");
  };

  /** Weight of each direction, the anchor in the middle. */
  const density = (pen, width, bottom, t, m) => {
    const box = { left: 38, right: width - 12, top: 30, bottom: bottom - 34 };
    const d = dimension(m);
    const logMean = cl.logUniform(d, 1 / t);
    const weight = (degrees) => Math.exp(Math.cos(cl.radians(degrees)) / t - logMean);
    const most = weight(0) * 1.05;
    const { x, y } = cl.axes(pen, "d", box, { min: -180, max: 180, ticks: [-180, -90, 0, 90, 180], label: "degrees from the anchor" }, { min: 0, max: most, label: "weight (uniform: 1)" });
    const points = Array.from({ length: 181 }, (_, n) => [x(2 * n - 180), y(weight(2 * n - 180))]);
    pen.curve("d-area", "area", [[x(-180), y(0)], ...points, [x(180), y(0)]], "negative");
    pen.curve("d-curve", "curve", points, "negative");
    pen.line("d-even", "now", box.left, y(1), box.right, y(1));
  };

  /** Left: effective share of the sphere. Right: mean cosine of the push. */
  const continuum = (pen, left, right, xAxis, { state: { t, m }, values: v }) => {
    const d = dimension(m);
    const a = cl.axes(pen, "l", left, xAxis, { min: 0, max: 1, label: "effective share" });
    const pulls = GRID.map((tau) => cl.meanUniform(d, 1 / tau));
    const shares = GRID.map((tau, n) => Math.exp(cl.logUniform(d, 1 / tau) - pulls[n] / tau));
    curve(pen, "share", "curve thick", shares, a, 1);
    marker(pen, left, a, t, v.share, "l");
    const b = cl.axes(pen, "r", right, xAxis, { min: 0, max: 1, label: "mean cosine of the push" });
    curve(pen, "pull", "curve thick", pulls, b, 1);
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
      const hardest = c.indexOf(Math.max(...c.slice(1)), 1);
      const bestTau = best(c);
      const logMean = cl.logUniform(dimension(m), 1 / t);
      const meanPull = cl.meanUniform(dimension(m), 1 / t);
      return {
        loss: lossAt(t, c), p, w,
        neff: cl.effective(c.slice(1), t),
        wHardest: w[hardest - 1],
        hardest,
        push: p[hardest] / t,
        slope: sum(p.map((x, k) => x * (c[0] - c[k]))) / t ** 2,
        warm: warm(t, c),
        cold: cold(t, c),
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
          cl.nameOf(k), show(s, 4), show(s / t, 4), show(v.p[k], 4), k ? show(v.w[k - 1], 4) : "",
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
      const whole = { left: 38, right: width - 12, top: upper + 22, bottom: height - 40 };
      const first = side ? { ...whole, right: width / 2 - 18 } : { ...whole, bottom: (upper + height) / 2 - 30 };
      const second = side ? { ...whole, left: width / 2 + 38 } : { ...whole, top: (upper + height) / 2 + 30 };
      const xAxis = { min: LOW, max: HIGH, log: true, label: "temperature τ", ticks: side || width > 440 ? [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2] : [0.01, 0.03, 0.1, 0.3, 1] };
      (m === "keys" ? discrete : continuum)(pen, first, second, xAxis, element);
    },

    dragged: keys.dragged,
    pressed: keys.pressed,
    actions: {
      ...keys.actions,
      best: (element) => element.set({ t: element.values.bestTau }),
    },
  });
})();
