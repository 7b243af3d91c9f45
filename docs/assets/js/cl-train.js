// Training free points on a circle or sphere: where does it end, and how far is the finish line?
(() => {
  "use strict";
  const { show, percent } = cl;

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

  /** Pairs take turns in the classes; with as many classes as pairs each pair is its own. */
  const kinds = (b, classes) => Int32Array.from({ length: 2 * b }, (_, i) => (i % b) % classes);

  /**
   * Supervised contrastive loss of all rows, and its gradient times their number, (R + R') z / tau
   * with R = P - T. With one pair a class it is NT-Xent.
   */
  const contrast = (z, b, d, tau, classes, grad) => {
    const n = 2 * b;
    const kind = kinds(b, classes);
    const r = new Float64Array(n * n);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      let [topFriend, topOther, friends, others, count, middle] = [-Infinity, -Infinity, 0, 0, 0, 0];
      for (let j = 0; j < n; j++) {
        if (j === i) continue;
        const logit = r[i * n + j] = dot(z, d, i, j) / tau;
        if (kind[i] !== kind[j]) topOther = Math.max(topOther, logit);
        else {
          topFriend = Math.max(topFriend, logit);
          middle += logit;
          count++;
        }
      }
      middle /= count;
      for (let j = 0; j < n; j++) {
        if (j === i) continue;
        const friend = kind[i] === kind[j];
        const e = r[i * n + j] = Math.exp(r[i * n + j] - (friend ? topFriend : topOther));
        if (friend) friends += e;
        else others += e;
      }
      const near = topFriend + Math.log(friends);
      const excess = others ? cl.softplus(topOther + Math.log(others) - near) : 0;
      loss += near - middle + excess;
      const scale = others ? Math.exp(topOther - near - excess) : 0;
      for (let j = 0; j < n; j++) {
        if (kind[i] !== kind[j]) r[i * n + j] *= scale;
        else if (j !== i) {
          const share = r[i * n + j] / friends; // positives pull as hard as all others push
          r[i * n + j] = share - 1 / count - share * others * scale;
        }
      }
    }
    if (grad) {
      grad.fill(0);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const both = (r[i * n + j] + r[j * n + i]) / tau;
          for (let k = 0; k < d; k++) grad[i * d + k] += both * z[j * d + k];
        }
    }
    return { loss: loss / n, r };
  };

  /** Part of the push of NT-Xent that falls on views of the anchor's own class. */
  const onFriends = (z, b, d, tau, classes) => {
    const kind = kinds(b, classes);
    const { r } = contrast(z, b, d, tau, b); // weights, but at the positive
    return cl.mean(Array.from(kind, (mine, i) => {
      const push = Array.from(kind, (_, j) => (i % b === j % b ? 0 : r[2 * b * i + j]));
      return cl.sum(push.filter((_, j) => kind[j] === mine)) / cl.sum(push);
    }));
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
  const step = (z, { b, d, t, lr, g, classes }, grad) => {
    if (g === "align") align(z, b, d, grad);
    else if (g === "uniform") spread(z, b, d, grad);
    else contrast(z, b, d, t, classes, grad);
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

  /** The lowest loss: each class at its corner of a regular polygon, or of a simplex on the sphere. */
  const finish = cl.keep((b, d, t, classes) => {
    if (d === 2) {
      const corner = (i) => (2 * Math.PI * ((i % b) % classes)) / classes;
      const z = Float64Array.from({ length: 4 * b }, (_, k) => (k % 2 ? Math.sin : Math.cos)(corner(k >> 1)));
      return contrast(z, b, d, t, classes).loss;
    }
    const size = (2 * b) / classes;
    const apart = classes > 1 ? Math.exp(-classes / ((classes - 1) * t)) : 0;
    return Math.log(size - 1) + Math.log1p(((2 * b - size) * apart) / (size - 1));
  });

  /** The run so far is kept: a later step of the same run goes on from there. */
  let run = { name: "" };
  const replay = (state) => {
    const { d, b, t, lr, s, n, g, classes } = state;
    const name = [d, b, t, lr, s, g, classes].join();
    if (run.name !== name || run.losses.length - 1 > n) {
      const z = start(b, d, s);
      run = { name, z, grad: new Float64Array(z.length), losses: [contrast(z, b, d, t, classes).loss], path: [measures(z, b, d)] };
    }
    while (run.losses.length - 1 < n) {
      step(run.z, state, run.grad);
      run.losses.push(contrast(run.z, b, d, t, classes).loss);
      run.path.push(measures(run.z, b, d));
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
      g: cl.choice("infonce", "align", "uniform", "supervised"),
      c: cl.integer(0, 0, 8),
      y: cl.angle(30),
      x: cl.number(15, -90, 90, { digits: 0 }),
    },

    /** Classes are of one size; many points take long to replay. */
    repair: (state) => ({
      ...state,
      b: state.c ? Math.max(1, Math.floor(state.b / state.c)) * state.c : state.b,
      n: Math.min(state.n, state.b > 32 ? 500 : LONGEST),
    }),

    compute(state) {
      const { b, t, n, g, c } = state;
      const d = Number(state.d);
      const classes = (g === "supervised" && c) || b; // to the other losses each pair is a class
      const { z, losses, path } = replay({ ...state, d, classes });
      const line = finish(b, d, t, classes);
      return {
        z: [...z], losses: losses.slice(0, n + 1), path: path.slice(0, n + 1),
        loss: losses[n],
        finish: line,
        left: losses[n] - line,
        align: path[n][0],
        uniform: path[n][1],
        collapse: Math.log(2 * b - 1),
        friends: c ? onFriends(z, b, d, t, c) : 0,
      };
    },

    says({ d, b, n, g, c }, v) {
      const corners = (g === "supervised" && c) || b;
      const line = d === "2" ? "the regular polygon" : corners <= 4 ? "the regular simplex" : "a simplex, which has no room here";
      const goal = { align: " Only alignment is trained.", uniform: " Only uniformity is trained." }[g] ?? "";
      const far = Math.abs(v.left) < 5e-7 ? "the same to six digits as" : `${show(v.left, 4)} above`;
      const classes = c ? ` NT-Xent would spend ${percent(v.friends)} of its push on classmates.` : "";
      return `After ${n} steps the loss is ${show(v.loss, 4)} nats, ${far} that of ${line}. Collapse would cost ${show(v.collapse, 3)}.${goal}${classes}`;
    },

    rows: ({ n, b, d }, v) => [
      ["Step", "Loss", "Alignment", "Uniformity"],
      ...[...new Set([0, 1, 10, 100, 1000, n])].filter((k) => k <= n).map((k) => [String(k), show(v.losses[k], 6), show(v.path[k][0], 4), show(v.path[k][1], 4)]),
      [`finish line, ${b} pairs in ${d} dimensions`, show(v.finish, 6), "", ""],
    ],

    python: ({ d, b, t, lr, s, n, g, c }) => `import numpy as np, torch, infonce

${cl.PYTHON_NORMALS}
pairs, d, tau = ${b}, ${d}, ${t}
kind = torch.arange(pairs).repeat(2) % ${(g === "supervised" && c) || b}
contrast = lambda z: infonce.sup_con(z, kind, temperature=tau)  # a class a pair: NT-Xent
z = torch.from_numpy(normals(${s}, 2 * pairs * d).reshape(-1, d))
z = z / z.norm(dim=1, keepdim=True)
for _ in range(${n}):
    z.requires_grad_()
    loss = ${{ align: "infonce.alignment(*z.chunk(2))", uniform: "infonce.uniformity(z)" }[g] ?? "contrast(z)"}
    (grad,) = torch.autograd.grad(2 * pairs * loss, z)
    z = (z - ${lr} * grad).detach()
    z = z / z.norm(dim=1, keepdim=True)
print(repr(contrast(z).item()))`,

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
    },

    draw(element, pen, width, height) {
      const { state, values: v } = element;
      const d = Number(state.d);
      const wide = width > 560;
      const size = wide ? Math.min(height, width * 0.5) : Math.min(width, height * 0.5);
      const [cx, cy, r] = [wide ? size / 2 : width / 2, wide ? height / 2 : size / 2, size / 2 - 22];
      // On the sphere the picture is a handle that turns it; its equator and a meridian show how.
      const value = { now: state.y, text: `turned ${state.y} degrees, tilted ${state.x}` };
      const globe = d === 3 ? pen.slider("globe", "the sphere", value) : pen.group("flat");
      if (d === 3) globe.circle("target", "target", cx, cy, r);
      globe.circle("ring", "ring", cx, cy, r);
      const [turn, tilt] = d === 3 ? [cl.radians(state.y), cl.radians(state.x)] : [0, 0];
      const seen = (x, y, z = 0) => {
        const depth = z * Math.cos(turn) - x * Math.sin(turn);
        const up = y * Math.cos(tilt) + depth * Math.sin(tilt);
        return [cx + r * (x * Math.cos(turn) + z * Math.sin(turn)), cy - r * up, depth * Math.cos(tilt) - y * Math.sin(tilt)];
      };
      if (d === 3) {
        const round = Array.from({ length: 73 }, (_, n) => [Math.cos(n * Math.PI / 36), Math.sin(n * Math.PI / 36)]);
        globe.curve("equator", "wire", round.map(([a, b]) => seen(a, 0, b)));
        globe.curve("meridian", "wire", round.map(([a, b]) => seen(a, b, 0)));
      }
      const far = (depth) => (depth < -0.2 ? "bar far" : "bar");
      const at = (i) => seen(...v.z.slice(i * d, i * d + d));
      const mark = cl.clamp(60 / state.b, 2.5, 7);
      for (let i = 0; i < state.b; i++) {
        const [[ax, ay, az], [bx, by, bz]] = [at(i), at(i + state.b)];
        const sign = (dx, dy) => [bx + dx * mark, by + dy * mark];
        globe.line(`l${i}`, "link", ax, ay, bx, by);
        globe.circle(`a${i}`, far(az), ax, ay, mark * 1.35, "anchor");
        globe.curve(`b${i}`, far(bz), [sign(0, -1), sign(0.9, 0.64), sign(-0.9, 0.64)], "positive");
        if (state.c) globe.text(`c${i}`, "ABCDEFGH"[i % state.c], ax, ay - 13, "middle");
      }
      const left = wide ? size + 46 : 40;
      const top = wide ? 30 : size + 34;
      const side = wide ? Math.min(140, height * 0.34) : Math.min(110, height * 0.2);
      const bottom = height - side - 62;
      const box = { left, right: width - 12, top, bottom };
      const steps = Math.max(20, state.n);
      const most = Math.max(v.losses[0], v.collapse) * 1.08;
      const { x, y } = cl.axes(pen, "t", box, { min: 0, max: steps, label: "step" }, { min: 0, max: most, label: "loss / nats" });
      const every = Math.max(1, Math.floor(v.losses.length / 300));
      const points = v.losses.map((loss, k) => [x(k), y(Math.min(most, loss))]).filter((_, k) => k % every === 0 || k === state.n);
      const level = (key, look, value, words) => {
        pen.line(key, look, left, y(value), box.right, y(value));
        pen.text(`${key}-t`, words, box.right - 4, y(value) - 5, "end");
      };
      level("finish", "now strong", v.finish, d === 2 ? "finish line" : "simplex");
      level("collapse", "now", v.collapse, "collapse");
      if (points.length > 1) pen.curve("curve", "curve thick", points);
      pen.circle("dot", "dot", x(state.n), y(Math.min(most, v.loss)), 4);
      pen.text("matrix-t", "cosines of", left + side + 12, height - side + 10, "start", "label");
      pen.text("matrix-u", "all views", left + side + 12, height - side + 26, "start", "label");
      const [canvas] = element.canvases;
      canvas.style.cssText = `left: ${left}px; top: ${height - side - 4}px; width: ${side}px; height: ${side}px`;
      paint(element, canvas, v.z, state.b, d);
      document.dispatchEvent(new CustomEvent("cl-train", { detail: v.path }));
    },

    dragged: (element, name, x, y, dx, dy) =>
      element.set({ y: element.state.y + dx / 2, x: element.state.x - dy / 2 }),

    pressed(element, name, key, turn) {
      const which = key === "ArrowUp" || key === "ArrowDown" ? "x" : "y";
      element.set({ [which]: element.state[which] + turn });
      return turn !== 0;
    },

    actions: {
      step: (element) => element.set({ n: element.state.n + 1 }),
      again: (element) => cl.reseed(element, { n: 0 }),
      play(element) {
        if (element.playing) return pause(element);
        if (cl.REDUCED.matches) return element.set({ n: element.state.n + 100 }); // no motion: a stretch at once
        element.playing = true;
        element.querySelector('[data-do="play"]').textContent = "Pause";
        let { n } = element.state;
        const next = () => {
          if (element.state.n !== n) return pause(element); // somebody else moved it: Reset, a field
          element.set({ n: ++n });
          if (!element.playing || element.state.n !== n) return pause(element);
          element.frame = requestAnimationFrame(next);
        };
        element.frame = requestAnimationFrame(next);
      },
    },
  });
})();
