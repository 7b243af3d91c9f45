// Batch size: how far the loss of M negatives lies from its limit, on a fixed encoder.
(() => {
  "use strict";
  const { show, sum } = cl;

  const BATCHES = 200;
  const MOST = 1024;
  const S_POS = 0.8; // cosine of the positive

  /** Cosines with uniform points of the sphere in R^d, `MOST` for each of `BATCHES`; d is 3 or even. */
  const sample = (d, seed) => {
    const uniform = cl.mulberry32(seed);
    const exponential = () => -Math.log(1 - uniform());
    const found = new Float64Array(BATCHES * MOST);
    for (let n = 0; n < found.length; n++) {
      if (d === 3) {
        found[n] = 2 * uniform() - 1;
        continue;
      }
      const turn = Math.cos(2 * Math.PI * uniform());
      const first = exponential();
      let total = first;
      for (let k = 1; k < d / 2; k++) total += exponential();
      found[n] = turn * Math.sqrt(first / total);
    }
    return found;
  };

  let kept = { name: "", cosines: new Float64Array(0) };
  const cosines = (d, seed) => {
    const name = `${d}-${seed}`;
    if (kept.name !== name) kept = { name, cosines: sample(d, seed) };
    return kept.cosines;
  };

  /** log of the mean of e^(s/tau) over the first m cosines of each batch. */
  const terms = (d, seed, m, tau) => {
    const all = cosines(d, seed);
    return Array.from({ length: BATCHES }, (_, r) => {
      let total = 0;
      for (let j = 0; j < m; j++) total += Math.exp((all[r * MOST + j] - 1) / tau); // at most 1
      return 1 / tau + Math.log(total / m);
    });
  };

  const mean = (xs) => sum(xs) / xs.length;

  cl.define("cl-batch", {
    key: "b",
    state: {
      m: cl.number(16, 1, MOST, { log: true, digits: 4 }),
      t: cl.number(0.1, 0.02, 2, { log: true }),
      d: cl.choice("2", "3", "8", "64"),
      s: cl.integer(1, 1, 9999),
      v: cl.choice("term", "loss"),
    },

    /** A power of two. */
    repair: (state) => ({ ...state, m: 2 ** Math.round(Math.log2(state.m)) }),

    compute({ m, t, d, s }) {
      const found = terms(Number(d), s, m, t);
      const limit = cl.logUniform(Number(d), 1 / t);
      const spread = Math.expm1(cl.logUniform(Number(d), 2 / t) - 2 * limit); // Var Y over its mean squared
      const ofTerms = mean(found);
      const losses = found.map((x) => cl.softplus(x + Math.log(m) - S_POS / t) - Math.log(m + 1));
      const lossLimit = limit - S_POS / t;
      const deviation = Math.sqrt(sum(found.map((x) => (x - ofTerms) ** 2)) / (BATCHES - 1));
      const first = cosines(Number(d), s).slice(0, m);
      const w = cl.softmax([...first].map((x) => x / t));
      return {
        found, losses, limit, lossLimit, deviation, spread,
        mean: ofTerms,
        bias: ofTerms - limit,
        error: deviation / Math.sqrt(BATCHES),
        predicted: -spread / (2 * m),
        lossMean: mean(losses),
        lossBias: mean(losses) - lossLimit,
        ess: 1 / sum(w.map((x) => x * x)),
        needed: spread / (2 * 0.01),
      };
    },

    says({ m, t }, v) {
      const fails = Math.abs(v.predicted) > 0.3
        ? "The expansion fails here: it asks for many more negatives than these."
        : "The expansion says nearly the same where the negatives are many.";
      return `With ${m} ${m === 1 ? "negative" : "negatives"} at temperature ${t} the mean over ${BATCHES} batches is ${show(v.bias, 4)} nats off its limit (± ${show(2 * v.error, 4)}); the first order predicts ${show(v.predicted, 4)}. ${fails}`;
    },

    rows(_, v) {
      return [
        ["What", "Mean of batches", "Limit", "Difference"],
        ["log of the mean exponential", show(v.mean, 4), show(v.limit, 4), show(v.bias, 4)],
        ["loss minus log N", show(v.lossMean, 4), show(v.lossLimit, 4), show(v.lossBias, 4)],
        ["first order of the first", "", "", show(v.predicted, 4)],
      ];
    },

    python: ({ m, t, d, s }) => `import math
import numpy as np, infonce

${cl.PYTHON_UNIFORM}
tau, m, d = ${t}, ${m}, ${d}
columns = 1 if d == 3 else 1 + d // 2
u = uniform(${s}, ${BATCHES} * ${MOST} * columns).reshape(-1, columns)
e = -np.log(1 - u[:, 1:])
s = 2 * u[:, 0] - 1 if d == 3 else np.cos(2 * np.pi * u[:, 0]) * np.sqrt(e[:, 0] / e.sum(1))
s = s.reshape(${BATCHES}, ${MOST})[:, :m]  # a row for each batch
terms = np.log(np.exp(s / tau).mean(1))
limit = infonce.uniformity_reference(d, t=1 / (2 * tau)) + 1 / tau
print(repr(float(terms.mean())), repr(limit))`,

    exports: () => ["mean", "limit"],

    draw(element, pen, width, height) {
      const { state, values: v } = element;
      const loss = state.v === "loss";
      const xs = loss ? v.losses : v.found;
      const [limit, middle] = loss ? [v.lossLimit, v.lossMean] : [v.limit, v.mean];
      const [least, most] = [Math.min(limit, ...xs), Math.max(limit, ...xs)];
      const pad = 0.04 * (most - least) + 1e-6;
      const bins = 24;
      const [from, to] = [least - pad, most + pad];
      const counts = Array(bins).fill(0);
      for (const x of xs) counts[Math.min(bins - 1, Math.floor(((x - from) / (to - from)) * bins))]++;
      const box = { left: 40, right: width - 14, top: 44, bottom: height - 42 };
      const { x, y } = cl.axes(pen, "b", box, { min: from, max: to, label: loss ? "loss − log N / nats" : "log of the mean exponential / nats" }, { min: 0, max: Math.max(...counts) * 1.05, label: "batches" });
      counts.forEach((count, n) => {
        const [a, b] = [x(from + ((to - from) * n) / bins), x(from + ((to - from) * (n + 1)) / bins)];
        pen.put(`bar${n}`, "rect", { class: "bar", "data-role": "n", x: a + 1, width: Math.max(0, b - a - 2), y: y(count), height: box.bottom - y(count) });
      });
      const line = (key, at, words, look, level) => {
        pen.put(key, "line", { class: `now ${look}`, x1: x(at), x2: x(at), y1: box.top - 8, y2: box.bottom });
        const anchor = x(at) > width / 2 ? "end" : "start";
        pen.put(`${key}-t`, "text", { class: "tick", x: x(at) + (anchor === "end" ? -5 : 5), y: box.top + level, "text-anchor": anchor }, words);
      };
      line("limit", limit, "limit of many", "strong", -10);
      line("mean", middle, "mean of these", "", 6);
      const expected = limit + v.predicted;
      if (!loss && expected > from && expected < to) line("first", expected, "first order", "dots", 22);
    },

    actions: {
      more: (element) => element.set({ s: (element.state.s % 9999) + 1 }),
    },
  });
})();
