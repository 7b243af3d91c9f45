// Training free points on a circle or sphere: where does it end, and how far is the finish line?
(() => {
  "use strict";
  const { show } = cl;

  const LONGEST = 2000;

  const normalise = (z, d) => {
    for (let i = 0; i < z.length; i += d) {
      let length = 0;
      for (let k = i; k < i + d; k++) length += z[k] * z[k];
      length = Math.sqrt(length);
      for (let k = i; k < i + d; k++) z[k] /= length;
    }
  };

  const start = (b, d, seed) => {
    const normal = cl.normals(seed);
    const z = Float64Array.from({ length: 2 * b * d }, normal);
    normalise(z, d);
    return z;
  };

  const dot = (z, d, i, j) => {
    let total = 0;
    for (let k = 0; k < d; k++) total += z[i * d + k] * z[j * d + k];
    return total;
  };

  /** NT-Xent of all rows, and its gradient times their number: (R + R') z / tau, R = P - T. */
  const contrast = (z, b, d, tau, grad) => {
    const n = 2 * b;
    const weights = new Float64Array(n * n);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const partner = (i + b) % n;
      let [top, total] = [-Infinity, 0];
      for (let j = 0; j < n; j++) {
        const logit = j === i ? -Infinity : dot(z, d, i, j) / tau;
        weights[i * n + j] = logit;
        if (logit > top) top = logit;
      }
      const positive = weights[i * n + partner];
      let [most, others] = [-Infinity, 0];
      for (let j = 0; j < n; j++) if (j !== partner) most = Math.max(most, weights[i * n + j]);
      for (let j = 0; j < n; j++) {
        if (j !== partner && j !== i) others += Math.exp(weights[i * n + j] - most);
        const e = Math.exp(weights[i * n + j] - top);
        weights[i * n + j] = e;
        total += e;
      }
      loss += others ? cl.softplus(most + Math.log(others) - positive) : 0;
      let rest = 0; // the positive pulls as hard as all others push
      for (let j = 0; j < n; j++) {
        weights[i * n + j] /= total;
        if (j !== partner) rest += weights[i * n + j];
      }
      weights[i * n + partner] = -rest;
    }
    if (grad) {
      grad.fill(0);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const r = (weights[i * n + j] + weights[j * n + i]) / tau;
          for (let k = 0; k < d; k++) grad[i * d + k] += r * z[j * d + k];
        }
    }
    return loss / n;
  };

  /** Gradient of the mean squared distance of the two views, times the number of rows. */
  const align = (z, b, d, grad) => {
    for (let i = 0; i < b * d; i++) {
      grad[i] = 4 * (z[i] - z[i + b * d]);
      grad[i + b * d] = -grad[i];
    }
  };

  /** Gradient of log mean e^(-2 squared distance) over all pairs of rows, times their number. */
  const spread = (z, b, d, grad) => {
    const n = 2 * b;
    grad.fill(0);
    let total = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) {
        const w = Math.exp(4 * (dot(z, d, i, j) - 1));
        total += w;
        for (let k = 0; k < d; k++) {
          const part = w * (z[i * d + k] - z[j * d + k]);
          grad[i * d + k] -= part;
          grad[j * d + k] += part;
        }
      }
    for (let k = 0; k < grad.length; k++) grad[k] *= (4 * n) / total;
  };

  /** One step against the tangent part of the gradient, back onto the sphere. */
  const step = (z, { b, d, t, lr, g }, grad) => {
    if (g === "align") align(z, b, d, grad);
    else if (g === "uniform") spread(z, b, d, grad);
    else contrast(z, b, d, t, grad);
    for (let i = 0; i < 2 * b; i++) {
      let along = 0;
      for (let k = i * d; k < i * d + d; k++) along += grad[k] * z[k];
      for (let k = i * d; k < i * d + d; k++) z[k] -= lr * (grad[k] - along * z[k]);
    }
    normalise(z, d);
  };

  const measures = (z, b, d) => {
    let [distance, total] = [0, 0];
    for (let i = 0; i < b; i++) {
      for (let k = 0; k < d; k++) distance += (z[i * d + k] - z[(i + b) * d + k]) ** 2;
      for (let j = 0; j < i; j++) total += Math.exp(4 * (dot(z, d, i, j) - 1));
    }
    return [distance / b, Math.log(total / ((b * (b - 1)) / 2))];
  };

  /** The lowest loss: on the circle that of the regular polygon, else the floor of a simplex. */
  const finish = (b, d, t) => {
    if (d === 2) {
      let total = 0;
      for (let m = 1; m < b; m++) total += 2 * Math.exp((Math.cos((2 * Math.PI * m) / b) - 1) / t);
      return Math.log1p(total);
    }
    return Math.log1p(2 * (b - 1) * Math.exp(-b / ((b - 1) * t)));
  };

  /** The run so far is kept: a later step of the same run goes on from there. */
  let run = { name: "" };
  const replay = (state) => {
    const { d, b, t, lr, s, n, g } = state;
    const dim = Number(d);
    const name = [d, b, t, lr, s, g].join();
    if (run.name !== name || run.losses.length - 1 > n) {
      const z = start(b, dim, s);
      run = { name, z, grad: new Float64Array(z.length), losses: [contrast(z, b, dim, t)], path: [measures(z, b, dim)] };
    }
    while (run.losses.length - 1 < n) {
      step(run.z, { ...state, d: dim }, run.grad);
      run.losses.push(contrast(run.z, b, dim, t));
      run.path.push(measures(run.z, b, dim));
    }
    return run;
  };

  /** A square of pixels, dark where the cosine is high; drawn again when the colours change. */
  const paint = (element, canvas, z, b, d) => {
    const n = 2 * b;
    canvas.width = canvas.height = n;
    const context = canvas.getContext("2d");
    if (canvas.isConnected) element.ink ??= getComputedStyle(canvas).color; // costs the styles of all
    const [red, green, blue] = (element.ink?.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
    const image = context.createImageData(n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        image.data.set([red, green, blue, 127.5 * (1 + dot(z, d, i, j))], 4 * (i * n + j));
    context.putImageData(image, 0, 0);
  };

  const pause = (element) => {
    element.playing = false;
    cancelAnimationFrame(element.frame);
    element.querySelector('[data-do="play"]').textContent = "Train";
  };

  cl.define("cl-train", {
    key: "tr",
    state: {
      d: cl.choice("2", "3"),
      b: cl.integer(8, 2, 128),
      t: cl.temperature(),
      lr: cl.number(0.02, 0.001, 0.5, { log: true, digits: 3 }),
      s: cl.integer(1, 1, 9999),
      n: cl.integer(0, 0, LONGEST),
      g: cl.choice("infonce", "align", "uniform"),
      y: cl.angle(30),
    },

    /** Many points take long to replay. */
    repair: (state) => ({ ...state, n: Math.min(state.n, state.b > 32 ? 500 : LONGEST) }),

    compute(state) {
      const { d, b, t, n } = state;
      const { z, losses, path } = replay(state);
      const line = finish(b, Number(d), t);
      return {
        z: [...z], losses: losses.slice(0, n + 1), path: path.slice(0, n + 1),
        loss: losses[n],
        finish: line,
        left: losses[n] - line,
        align: path[n][0],
        uniform: path[n][1],
        collapse: Math.log(2 * b - 1),
      };
    },

    says({ d, b, n, g }, v) {
      const line = d === "2" ? "the regular polygon" : b <= 4 ? "the regular simplex" : "a simplex, which has no room here";
      const goal = g === "infonce" ? "" : ` Only ${g === "align" ? "alignment" : "uniformity"} is trained.`;
      const far = Math.abs(v.left) < 5e-7 ? "the same to six digits as" : `${show(v.left, 4)} above`;
      return `After ${n} steps the loss is ${show(v.loss, 4)} nats, ${far} that of ${line}. Collapse would cost ${show(v.collapse, 3)}.${goal}`;
    },

    rows: ({ n, b, d }, v) => [
      ["Step", "Loss", "Alignment", "Uniformity"],
      ...[...new Set([0, 1, 10, 100, 1000, n])].filter((k) => k <= n).map((k) => [String(k), show(v.losses[k], 6), show(v.path[k][0], 4), show(v.path[k][1], 4)]),
      [`finish line, ${b} pairs in ${d} dimensions`, show(v.finish, 6), "", ""],
    ],

    python: ({ d, b, t, lr, s, n, g }) => `import numpy as np, torch, infonce

${cl.PYTHON_NORMALS}
pairs, d, tau = ${b}, ${d}, ${t}
z = torch.from_numpy(normals(${s}, 2 * pairs * d).reshape(-1, d))
z = z / z.norm(dim=1, keepdim=True)
for _ in range(${n}):
    z.requires_grad_()
    x, y = z.chunk(2)
    loss = ${{ infonce: "infonce.nt_xent(x, y, temperature=tau)", align: "infonce.alignment(x, y)", uniform: "infonce.uniformity(z)" }[g]}
    (grad,) = torch.autograd.grad(2 * pairs * loss, z)
    z = (z - ${lr} * grad).detach()
    z = z / z.norm(dim=1, keepdim=True)
print(repr(infonce.nt_xent(*z.chunk(2), temperature=tau).item()))`,

    exports: () => ["loss"],

    start(element) {
      const canvas = document.createElement("canvas");
      canvas.className = "cl-play__matrix";
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", "similarity matrix of all views, full ink where the cosine is high");
      element.canvases = [canvas];
      element.theme = new MutationObserver(() => {
        element.ink = undefined;
        element.draw();
      });
      element.theme.observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });
    },

    stop(element) {
      element.playing = false;
      element.theme.disconnect();
      element.canvases = [];
    },

    draw(element, pen, width, height) {
      const { state, values: v } = element;
      const d = Number(state.d);
      const wide = width > 560;
      const size = wide ? Math.min(height, width * 0.5) : Math.min(width, height * 0.5);
      const [cx, cy, r] = [wide ? size / 2 : width / 2, wide ? height / 2 : size / 2, size / 2 - 22];
      pen.put("ring", "circle", { class: "ring", cx, cy, r });
      const turn = cl.radians(state.y);
      const at = (i) => {
        const [x, y, z] = [v.z[i * d], v.z[i * d + 1], d === 3 ? v.z[i * d + 2] : 0];
        const right = d === 3 ? x * Math.cos(turn) + z * Math.sin(turn) : x;
        const depth = d === 3 ? z * Math.cos(turn) - x * Math.sin(turn) : 0;
        return [cx + r * right, cy - r * y, depth];
      };
      const mark = Math.max(2.5, Math.min(7, 60 / state.b));
      for (let i = 0; i < state.b; i++) {
        const [ax, ay, az] = at(i);
        const [bx, by, bz] = at(i + state.b);
        const far = (z) => (0.62 + 0.38 * z).toFixed(2);
        pen.put(`l${i}`, "line", { class: "link", x1: ax, y1: ay, x2: bx, y2: by });
        pen.put(`a${i}`, "circle", { class: "bar", "data-role": "anchor", cx: ax, cy: ay, r: mark * 1.35, style: d === 3 ? `opacity: ${far(az)}` : "" });
        pen.put(`b${i}`, "path", { class: "bar", "data-role": "positive", d: cl.SIGNS.positive, transform: `translate(${bx.toFixed(1)} ${by.toFixed(1)}) scale(${(mark / 11).toFixed(2)})`, style: d === 3 ? `opacity: ${far(bz)}` : "" });
      }
      const left = wide ? size + 46 : 40;
      const top = wide ? 30 : size + 34;
      const side = wide ? Math.min(140, height * 0.34) : Math.min(110, height * 0.2);
      const bottom = height - side - 62;
      const box = { left, right: width - 12, top, bottom };
      const steps = Math.max(20, state.n);
      const most = Math.max(v.losses[0], v.collapse) * 1.08;
      const { x, y } = cl.axes(pen, "t", box, { min: 0, max: steps, label: "step", ticks: cl.ticks(0, steps, 4) }, { min: 0, max: most, label: "loss / nats" });
      const every = Math.max(1, Math.floor(v.losses.length / 300));
      const points = v.losses.map((loss, k) => [x(k), y(Math.min(most, loss))]).filter((_, k) => k % every === 0 || k === state.n);
      pen.put("finish", "line", { class: "now strong", x1: left, x2: box.right, y1: y(v.finish), y2: y(v.finish) });
      pen.put("finish-t", "text", { class: "tick", x: box.right - 4, y: y(v.finish) - 5, "text-anchor": "end" }, d === 2 ? "finish line" : "simplex");
      pen.put("collapse", "line", { class: "now", x1: left, x2: box.right, y1: y(v.collapse), y2: y(v.collapse) });
      pen.put("collapse-t", "text", { class: "tick", x: box.right - 4, y: y(v.collapse) - 5, "text-anchor": "end" }, "collapse");
      if (points.length > 1) pen.put("curve", "path", { class: "curve thick", d: cl.path(points) });
      pen.put("dot", "circle", { class: "dot", cx: x(state.n), cy: y(Math.min(most, v.loss)), r: 4 });
      pen.put("matrix-t", "text", { class: "label", x: left + side + 12, y: height - side + 10 }, "cosines of");
      pen.put("matrix-u", "text", { class: "label", x: left + side + 12, y: height - side + 26 }, "all views");
      for (const canvas of element.canvases ?? []) {
        canvas.style.cssText = `left: ${left}px; top: ${height - side - 4}px; width: ${side}px; height: ${side}px`;
        paint(element, canvas, v.z, state.b, d);
      }
      document.dispatchEvent(new CustomEvent("cl-train", { detail: v.path }));
    },

    actions: {
      step: (element) => element.set({ n: element.state.n + 1 }),
      again: (element) => element.set({ n: 0, s: (element.state.s % 9999) + 1 }),
      play(element) {
        if (element.playing) return pause(element);
        if (cl.REDUCED.matches) return element.set({ n: element.state.n + 100 }); // no motion: a stretch at once
        element.playing = true;
        element.querySelector('[data-do="play"]').textContent = "Pause";
        const next = () => {
          const { n } = element.state;
          element.set({ n: n + 1 });
          if (!element.playing || element.state.n === n) return pause(element);
          element.frame = requestAnimationFrame(next);
        };
        element.frame = requestAnimationFrame(next);
      },
    },
  });
})();
