// Mutual information: what a batch can see of it, and the ceiling log N.
(() => {
  "use strict";
  const { show, mean } = cl;

  const ANCHORS = 64;
  const POOL = 4095; // negatives; each anchor begins elsewhere among them
  const SIZES = Array.from({ length: 12 }, (_, n) => 2 ** (n + 1)); // N = 2 ... 4096

  /** Points, and the products of every anchor with its negatives: they do not depend on rho. */
  const sample = (d, seed) => {
    const normal = cl.normals(seed);
    const draw = (count) => Float64Array.from({ length: count * d }, normal);
    const both = draw(2 * ANCHORS); // an anchor, then the noise of its partner, and so on
    const pool = draw(POOL);
    const product = (a, i, b, j) => {
      let total = 0;
      for (let k = 0; k < d; k++) total += a[i * d + k] * b[j * d + k];
      return total;
    };
    const cross = new Float64Array(ANCHORS * POOL);
    for (let i = 0; i < ANCHORS; i++)
      for (let k = 0; k < POOL; k++) cross[i * POOL + k] = product(both, 2 * i, pool, (31 * i + k) % POOL);
    return {
      cross,
      xx: Array.from({ length: ANCHORS }, (_, i) => product(both, 2 * i, both, 2 * i)),
      xe: Array.from({ length: ANCHORS }, (_, i) => product(both, 2 * i, both, 2 * i + 1)),
      ee: Array.from({ length: ANCHORS }, (_, i) => product(both, 2 * i + 1, both, 2 * i + 1)),
      yy: Float64Array.from({ length: 2 * POOL }, (_, k) => product(pool, k % POOL, pool, k % POOL)), // twice round
    };
  };

  /** Score of a pair from its products: log of the density ratio at correlation r, or a cosine. */
  const critic = (q, rho, d) => {
    if (q === "cosine") return (xy, xx, yy) => xy / Math.sqrt(xx * yy) / 0.1;
    const r = q === "wrong" ? rho / 2 : rho;
    const [a, b] = [-0.5 * d * Math.log(1 - r * r), 1 / (2 * (1 - r * r))];
    return (xy, xx, yy) => a + yy / 2 - b * (yy - 2 * r * xy + r * r * xx);
  };

  const points = cl.keep(sample);

  /** Loss of every anchor at every N: [anchor][size]. */
  const lossesOf = cl.keep((rho, d, q, seed) => {
    const { cross, xx, xe, ee, yy } = points(d, seed);
    const f = critic(q, rho, d);
    const noise = Math.sqrt(1 - rho * rho);
    const scores = new Float64Array(POOL);
    return xx.map((length, i) => {
      const partner = rho * rho * length + 2 * rho * noise * xe[i] + noise * noise * ee[i];
      const joint = f(rho * length + noise * xe[i], length, partner);
      for (let k = 0; k < POOL; k++) scores[k] = f(cross[i * POOL + k], length, yy[31 * i + k]);
      let [from, top, total] = [0, -Infinity, 0];
      return SIZES.map((n) => {
        let most = top;
        for (let k = from; k < n - 1; k++) if (scores[k] > most) most = scores[k];
        total *= Math.exp(top - most);
        for (let k = from; k < n - 1; k++) total += Math.exp(scores[k] - most);
        [from, top] = [n - 1, most];
        return cl.softplus(top + Math.log(total) - joint);
      });
    });
  });

  cl.define("cl-mi", {
    key: "mi",
    state: {
      r: cl.number(0.9, 0, 0.99, { digits: 3 }),
      d: cl.integer(10, 1, 20),
      n: cl.power(64, 2, 4096),
      q: cl.choice("optimal", "cosine", "wrong"),
      s: cl.integer(1, 1, 9999),
    },

    compute({ r, d, n, q, s }) {
      const losses = lossesOf(r, d, q, s);
      const at = SIZES.indexOf(n);
      const columns = SIZES.map((_, k) => losses.map((row) => row[k]));
      const curve = SIZES.map((size, k) => Math.log(size) - mean(columns[k]));
      const errors = columns.map((column) => Math.sqrt(cl.variance(column, 1) / ANCHORS));
      const information = (-d / 2) * Math.log(1 - r * r);
      return {
        information, curve, errors,
        loss: mean(columns[at]),
        estimate: curve[at],
        error: errors[at],
        cap: Math.log(n),
        missing: information - curve[at],
        least: Math.exp(information),
      };
    },

    says({ n, q }, v) {
      const cap = v.information > v.cap
        ? `No critic can report more than log N = ${show(v.cap, 2)}, and there are ${show(v.information, 2)}.`
        : `There are ${show(v.information, 2)}, below the ceiling log N = ${show(v.cap, 2)}.`;
      const name = { optimal: "the best critic there is", cosine: "a cosine over 0.1", wrong: "a critic with half the correlation" }[q];
      return `With N = ${n} and ${name} the batch reports ${show(v.estimate, 2)} nats (± ${show(2 * v.error, 2)}). ${cap}`;
    },

    rows: (_, v) => [
      ["N", "log N", "Estimate", "± (95%)"],
      ...SIZES.map((size, k) => [String(size), show(Math.log(size), 3), show(v.curve[k], 3), show(2 * v.errors[k], 3)]),
    ],

    python: ({ r, d, n, q, s }) => `import math
import numpy as np, torch, infonce

${cl.PYTHON_NORMALS}
rho, d, n = ${r}, ${d}, ${n}
count = (2 * ${ANCHORS} + ${POOL}) * d
z = normals(${s}, count + count % 2)[:count].reshape(-1, d)
x, e = z[:${2 * ANCHORS}].reshape(${ANCHORS}, 2, d).transpose(1, 0, 2)
joint, pool = rho * x + math.sqrt(1 - rho**2) * e, z[${2 * ANCHORS}:]
turn = (31 * np.arange(${ANCHORS})[:, None] + np.arange(n - 1)) % ${POOL}
y = np.concatenate([joint[:, None], pool[turn]], 1)  # the positive first
x = x[:, None]
${q === "cosine"
    ? "f = (x * y).sum(-1) / np.sqrt((x**2).sum(-1) * (y**2).sum(-1)) / 0.1"
    : `r = ${q === "wrong" ? "rho / 2" : "rho"}
f = (-math.log(1 - r**2) / 2 - (y - r * x) ** 2 / (2 * (1 - r**2)) + y**2 / 2).sum(-1)`}
first = torch.zeros(${ANCHORS}, dtype=torch.int64)
loss = infonce.info_nce_from_similarity(torch.from_numpy(f), first, temperature=1.0)
print(repr(math.log(n) - loss.item()), repr(-d / 2 * math.log(1 - rho**2)))`,

    exports: () => ["estimate", "information"],

    draw(element, pen, width, height) {
      const { state, values: v } = element;
      const most = Math.max(v.information, Math.log(4096)) * 1.06;
      const least = Math.min(0, ...v.curve);
      const box = { left: 38, right: width - 14, top: 30, bottom: height - 42 };
      const sizes = width > 420 ? SIZES : SIZES.filter((_, n) => n % 2);
      const { x, y } = cl.axes(pen, "m", box, { min: 2, max: 4096, log: true, ticks: sizes, label: "candidates N" }, { min: least, max: most, label: "nats" });
      const line = (ys) => SIZES.map((n, k) => [x(n), y(ys[k])]);
      const [low, high] = [-2, 2].map((z) => v.curve.map((value, k) => value + z * v.errors[k]));
      pen.curve("band", "area", [...line(high), ...line(low).reverse()], "anchor");
      pen.curve("cap", "curve cold", line(SIZES.map(Math.log)), "n");
      pen.text("cap-t", "log N", x(8), y(Math.log(8)) - 10, "end");
      pen.line("true", "now strong", box.left, y(v.information), box.right, y(v.information));
      pen.text("true-t", `I = ${show(v.information, 2)}`, box.left + 6, y(v.information) - 6);
      pen.curve("curve", "curve thick", line(v.curve), "anchor");
      pen.circle("dot", "dot", x(state.n), y(v.estimate), 6, "anchor");
    },

    actions: { more: cl.reseed },
  });
})();
