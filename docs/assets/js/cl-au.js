// Alignment and uniformity: two numbers of a configuration, and their landmarks.
(() => {
  "use strict";
  const { show, sum, radians } = cl;

  /** Both views of each pair on the circle: centres over a share of it, views apart by `noise`. */
  const views = ({ b, w, n }) => {
    const centre = (i) => (2 * Math.PI * w * i) / b;
    const half = radians(n) / 2;
    const at = (a) => [Math.cos(a), Math.sin(a)];
    return Array.from({ length: b }, (_, i) => [at(centre(i) - half), at(centre(i) + half)]);
  };

  const squared = (x, y) => sum(x.map((v, i) => (v - y[i]) ** 2));

  const alignment = (pairs, alpha) => sum(pairs.map(([x, y]) => squared(x, y) ** (alpha / 2))) / pairs.length;

  /** log of the mean of e^(-t squared distance) over all pairs of different rows. */
  const uniformity = (rows, t) => {
    const logs = rows.flatMap((x, i) => rows.slice(0, i).map((y) => -t * squared(x, y)));
    return cl.logSumExp(logs) - Math.log(logs.length);
  };

  const reference = (d, t) => -2 * t + cl.logUniform(d, 2 * t);

  /** Uniformities; the simplex has a corner a pair. */
  const landmarks = (v) =>
    [["collapse", 0], ["uniform circle", v.circle], ["uniform sphere", v.sphere], ["uniform, very wide", v.many], ["simplex", v.floor]];

  cl.define("cl-au", {
    key: "au",
    state: {
      a: cl.number(2, 0.5, 4, { digits: 2 }),
      t: cl.number(2, 0.1, 8, { log: true, digits: 3 }),
      b: cl.integer(8, 2, 32),
      w: cl.number(1, 0, 1, { digits: 3 }),
      n: cl.number(20, 0, 180, { digits: 2 }),
    },

    compute(state) {
      const pairs = views(state);
      const rows = pairs.map(([x]) => x);
      return {
        align: alignment(pairs, state.a),
        uniform: uniformity(rows, state.t),
        circle: reference(2, state.t),
        sphere: reference(3, state.t),
        many: -2 * state.t,
        floor: (-2 * state.t * state.b) / (state.b - 1),
      };
    },

    says({ b, w }, v) {
      const side = v.uniform < v.circle - 1e-9
        ? "That is below the uniform circle itself: over pairs of different points a regular polygon avoids all near pairs, and chance does not."
        : `The uniform circle would have ${show(v.circle, 3)}.`;
      const what = w === 0 ? "collapsed on one point" : w === 1 ? "spread evenly over the circle" : "on a part of the circle";
      return `${b} pairs, ${what}: alignment ${show(v.align, 3)}, uniformity ${show(v.uniform, 3)}. ${side}`;
    },

    rows: (_, v) => [
      ["Landmark", "Alignment", "Uniformity"],
      ["this configuration", show(v.align, 4), show(v.uniform, 4)],
      ...landmarks(v).map(([name, u]) => [name, "0", show(u, 4)]),
    ],

    python: ({ a, t, b, w, n }) => `import math
import torch, infonce

centre = 2 * math.pi * ${w} * torch.arange(${b}, dtype=torch.float64) / ${b}
half = math.radians(${n}) / 2
point = lambda angle: torch.stack([angle.cos(), angle.sin()], 1)
x, y = point(centre - half), point(centre + half)
print(repr(infonce.alignment(x, y, alpha=${a}).item()), repr(infonce.uniformity(x, t=${t}).item()))`,

    exports: () => ["align", "uniform"],

    start(element) {
      element.runs = [...element.querySelectorAll(".cl-play__challenges tbody tr")]
        .map(({ cells }) => [...cells].map((cell) => Number(cell.textContent.replace("−", "-"))));
      element.trail = document.querySelector("cl-train")?.values?.path ?? [];
      const follow = ({ detail }) => {
        element.trail = detail;
        element.draw();
      };
      document.addEventListener("cl-train", follow, { signal: element.ends.signal });
    },

    draw(element, pen, width, height) {
      const { state, values: v } = element;
      const most = 2 ** state.a * 1.04;
      const low = Math.min(v.floor, v.many) * 1.06;
      const small = width < 420;
      const box = { left: 42, right: width - (small ? 14 : 150), top: 30, bottom: height - 42 };
      const { x, y } = cl.axes(pen, "a", box, { min: 0, max: most, label: "alignment (0: views coincide)" }, { min: low, max: 0.2, label: "uniformity" });
      let last = -Infinity;
      for (const [name, u] of landmarks(v)) {
        pen.line(`l-${name}`, "now", x(0), y(u), box.right, y(u));
        pen.circle(`d-${name}`, "dot", x(0), y(u), 4);
        last = Math.max(y(u) + 4, last + 14);
        const words = `${name} ${show(u, 2)}`;
        if (small) pen.text(`t-${name}`, words, box.right - 4, y(u) - 5, "end");
        else pen.text(`t-${name}`, words, box.right + 6, last);
      }
      if (element.trail.length > 1) {
        const inside = element.trail.map(([align, uniform]) => [x(Math.min(most, align)), y(Math.max(low, uniform))]);
        pen.curve("trail", "curve", inside, "anchor");
        pen.circle("trail-end", "dot", ...inside.at(-1), 4, "anchor");
      }
      if (state.a === 2 && state.t === 2)
        for (const [tau, align, uniform] of element.runs) {
          pen.sign(`run-${tau}`, "temperature", x(align), y(uniform), 0.5, "negative");
          pen.text(`run-${tau}-t`, `τ ${tau}`, x(align) + 8, y(uniform) + 4);
        }
      pen.sign("here", "positive", x(v.align), y(v.uniform));
      const r = small ? 26 : 34;
      const [cx, cy] = [box.right - r - (small ? 130 : 16), (y(v.sphere) + y(v.many)) / 2];
      pen.circle("disc", "disc", cx, cy, r);
      views(state).forEach(([a, b], i) => {
        const [ax, ay, bx, by] = [cx + r * a[0], cy - r * a[1], cx + r * b[0], cy - r * b[1]];
        pen.line(`p${i}`, "curve", ax, ay, bx, by, "positive");
        pen.circle(`a${i}`, "bar", ax, ay, 3, "anchor");
        pen.circle(`b${i}`, "bar", bx, by, 3, "positive");
      });
    },

  });
})();
