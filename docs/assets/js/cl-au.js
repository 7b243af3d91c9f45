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
        ? "That is below the even circle itself: over pairs of different points a regular polygon avoids all near pairs, and chance does not."
        : `The even circle would have ${show(v.circle, 3)}.`;
      const what = w === 0 ? "collapsed on one point" : w === 1 ? "spread evenly over the circle" : "on a part of the circle";
      return `${b} pairs, ${what}: alignment ${show(v.align, 3)}, uniformity ${show(v.uniform, 3)}. ${side}`;
    },

    rows: (_, v) => [
      ["Landmark", "Alignment", "Uniformity"],
      ["this configuration", show(v.align, 4), show(v.uniform, 4)],
      ["collapse", "0", "0"],
      ["even circle", "0", show(v.circle, 4)],
      ["even sphere", "0", show(v.sphere, 4)],
      ["even, very wide", "0", show(v.many, 4)],
      ["regular simplex of as many", "0", show(v.floor, 4)],
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
      const box = { left: 42, right: width - 150, top: 30, bottom: height - 42 };
      const small = width < 420;
      if (small) box.right = width - 14;
      const { x, y } = cl.axes(pen, "a", box, { min: 0, max: most, label: "alignment (0: views coincide)" }, { min: low, max: 0.2, label: "uniformity" });
      const marks = [["collapse", 0], ["even circle", v.circle], ["even sphere", v.sphere], ["even, very wide", v.many], ["simplex", v.floor]];
      let last = -Infinity;
      for (const [name, u] of marks) {
        pen.put(`l-${name}`, "line", { class: "now", x1: x(0), x2: box.right, y1: y(u), y2: y(u) });
        pen.put(`d-${name}`, "circle", { class: "dot", cx: x(0), cy: y(u), r: 4 });
        last = Math.max(y(u) + 4, last + 14);
        const place = small ? { x: box.right - 4, "text-anchor": "end", y: y(u) - 5 } : { x: box.right + 6, y: last };
        pen.put(`t-${name}`, "text", { class: "tick", ...place }, `${name} ${show(u, 2)}`);
      }
      if (element.trail.length > 1) {
        const inside = element.trail.map(([align, uniform]) => [x(Math.min(most, align)), y(Math.max(low, uniform))]);
        pen.put("trail", "path", { class: "curve", "data-role": "anchor", d: cl.path(inside) });
        const [ex, ey] = inside.at(-1);
        pen.put("trail-end", "circle", { class: "dot", "data-role": "anchor", cx: ex, cy: ey, r: 4 });
      }
      pen.put("here", "path", { class: "sign", "data-role": "positive", d: cl.SIGNS.positive, transform: `translate(${x(v.align).toFixed(2)} ${y(v.uniform).toFixed(2)})` });
      const r = small ? 26 : 34;
      const [cx, cy] = [box.right - r - (small ? 130 : 16), (y(v.sphere) + y(v.many)) / 2];
      pen.put("disc", "circle", { class: "disc", cx, cy, r });
      views(state).forEach(([a, b], i) => {
        const [ax, ay, bx, by] = [cx + r * a[0], cy - r * a[1], cx + r * b[0], cy - r * b[1]];
        pen.put(`p${i}`, "line", { class: "curve", "data-role": "positive", x1: ax, y1: ay, x2: bx, y2: by });
        pen.put(`a${i}`, "circle", { class: "bar", "data-role": "anchor", cx: ax, cy: ay, r: 3 });
        pen.put(`b${i}`, "circle", { class: "bar", "data-role": "positive", cx: bx, cy: by, r: 3 });
      });
    },

    actions: {},
  });
})();
