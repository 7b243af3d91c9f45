// Batch size: how far the loss of M negatives lies from its limit, on a fixed encoder.
(() => {
  "use strict";
  const { show, mean } = cl;

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

  const cosines = cl.keep(sample);

  /**
   * Of the first m cosines of each batch: log of the mean of e^(s/tau), the effective sample, and
   * the push of the batch, sum of w u, along the anchor and (squared, expected) across it.
   */
  const batches = (d, seed, m, tau) => {
    const all = cosines(d, seed);
    return Array.from({ length: BATCHES }, (_, r) => {
      let [total, squares, along, across] = [0, 0, 0, 0];
      for (let j = 0; j < m; j++) {
        const s = all[r * MOST + j];
        const e = Math.exp((s - 1) / tau); // at most 1
        total += e;
        squares += e * e;
        along += e * s;
        across += e * e * (1 - s * s); // the directions around the anchor are even: no cross terms
      }
      return { term: 1 / tau + Math.log(total / m), ess: total ** 2 / squares, along: along / total, across: across / total ** 2 };
    });
  };

  cl.define("cl-batch", {
    key: "b",
    state: {
      m: cl.power(16, 1, MOST),
      t: cl.number(0.1, 0.02, 2, { log: true }),
      d: cl.choice("2", "3", "8", "64"),
      s: cl.integer(1, 1, 9999),
      v: cl.choice("term", "loss"),
    },

    compute({ m, t, d, s }) {
      const all = batches(Number(d), s, m, t);
      const found = all.map(({ term }) => term);
      const limit = cl.logUniform(Number(d), 1 / t);
      const spread = Math.expm1(cl.logUniform(Number(d), 2 / t) - 2 * limit); // Var Y over its mean squared
      const losses = found.map((x) => cl.softplus(x + Math.log(m) - S_POS / t) - Math.log(m + 1));
      const lossLimit = limit - S_POS / t;
      const deviation = Math.sqrt(cl.variance(found, 1));
      return {
        found, losses, limit, lossLimit, deviation, spread,
        mean: mean(found),
        bias: mean(found) - limit,
        error: deviation / Math.sqrt(BATCHES),
        predicted: -spread / (2 * m),
        lossMean: mean(losses),
        lossBias: mean(losses) - lossLimit,
        ess: all[0].ess,
        turn: cl.degrees(Math.atan2(Math.sqrt(mean(all.map((x) => x.across))), mean(all.map((x) => x.along)))),
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
        pen.rect(`bar${n}`, "bar", a + 1, y(count), Math.max(0, b - a - 2), box.bottom - y(count), "n");
      });
      const line = (key, at, words, look, level) => {
        pen.line(key, `now ${look}`, x(at), box.top - 8, x(at), box.bottom);
        const late = x(at) > width / 2;
        pen.text(`${key}-t`, words, x(at) + (late ? -5 : 5), box.top + level, late ? "end" : "start");
      };
      line("limit", limit, "limit of many", "strong", -10);
      line("mean", middle, "mean of these", "", 6);
      const expected = limit + v.predicted;
      if (!loss && expected > from && expected < to) line("first", expected, "first order", "dots", 22);
    },

    actions: { more: cl.reseed },
  });
})();
