// Forces on the circle: what pulls the anchor, what pushes it, and where it comes to rest.
(() => {
  "use strict";
  const { circle, show, percent, radians, degrees } = cl;

  const RATE = 0.1; // of one step, in radians squared per nat

  cl.define("cl-forces", {
    key: "f",
    state: {
      t: cl.temperature(),
      a: cl.angle(90),
      k: cl.list(cl.angle(0), [70, 100, 130, 200, 320], 2, 16),
      v: cl.choice("total", "keys"),
    },

    compute({ t, a, k }) {
      const keys = k.map(radians);
      const now = circle.anchorLoss(t, radians(a), keys);
      const rest = circle.rest(t, radians(a), keys);
      return {
        ...now,
        slope: -now.force,
        pull: -now.onS[0],
        push: cl.sum(now.onS.slice(1)),
        neff: cl.effective(now.s.slice(1), t),
        rest: (degrees(rest) + 720) % 360,
        restLoss: circle.anchorLoss(t, rest, keys).loss,
      };
    },

    says({ t, a, k }, v) {
      const hardest = v.p.indexOf(Math.max(...v.p.slice(1)), 1);
      const share = v.p[hardest] / cl.sum(v.p.slice(1));
      const most = k.length > 2 ? ` Of the push, ${percent(share)} comes from negative ${hardest}.` : "";
      const moves = Math.abs(v.force) < 1e-9
        ? "Nothing turns the anchor here."
        : `Left alone, the anchor turns ${v.force > 0 ? "left" : "right"} and rests at ${show(v.rest, 2)} degrees.`;
      return `At temperature ${t} the positive pulls with ${show(v.pull, 3)} per unit of cosine, and the negatives push with as much.${most} ${moves}`;
    },

    rows({ a, k }, v) {
      return [
        ["Key", "Angle", "Cosine", "Weight", "Force on the anchor"],
        ...k.map((key, n) => [
          cl.nameOf(n), `${key}°`, show(v.s[n], 4), show(v.p[n], 4), show(v.parts[n], 4),
        ]),
      ];
    },

    python: (state) => `${circle.python(state)}
loss = infonce.info_nce(anchor, positive, negatives, temperature=${state.t})
grad = infonce.info_nce_grad(anchor, positive, negatives, temperature=${state.t})
slope = (grad.query[0] * torch.stack([-a.sin(), a.cos()])).sum()  # per radian
print(repr(loss.item()), repr(slope.item()))`,

    exports: () => ["loss", "slope"],

    draw(element, pen, width, height) {
      const { state, values: v } = element;
      const f = circle.frame(width, height);
      const a = radians(state.a);
      const top = circle.scene(pen, f, { a: state.a, keys: state.k, p: v.p });
      if (state.v === "keys")
        v.parts.forEach((part, k) => circle.arrow(pen, cl.nameOf(k), f, a, 1.1 + 0.058 * k, part, k ? "negative" : "positive"));
      else {
        v.parts.forEach((part, k) => circle.arrow(pen, cl.nameOf(k), f, radians(state.k[k]), 1.1, -part, k ? "negative" : "positive"));
        circle.arrow(pen, "anchor", f, a, 1.2, v.force, "anchor", true);
      }
      if (Math.abs(v.rest - state.a) > 0.02) {
        const [x, y] = f.at(radians(v.rest));
        top.circle("rest", "rest", x, y, 9);
      }
    },

    dragged: circle.dragged,
    pressed: circle.pressed,
    actions: {
      ...circle.actions,
      /** All points downhill: the anchor by its force, each key by what it does to the anchor. */
      all(element) {
        let [{ t, a, k }, done] = [element.state, 0];
        element.animate((share) => {
          for (; done < 400 * share; done++) {
            const { force, parts } = circle.anchorLoss(t, radians(a), k.map(radians));
            const turn = (x) => degrees(0.5 * t * x);
            [a, k] = [a + turn(force), k.map((key, n) => key - turn(parts[n]))];
          }
          element.set({ a, k });
        }, 4000);
      },
      step: (element) => element.set({ a: element.state.a + degrees(RATE * element.values.force) }),
      go(element) {
        const from = element.state.a;
        const turn = ((element.values.rest - from + 540) % 360) - 180;
        const way = Math.sign(element.values.force) * turn < 0 ? turn - Math.sign(turn) * 360 : turn;
        element.animate((share) => element.set({ a: from + way * (1 - (1 - share) ** 3) }), 900);
      },
    },
  });
})();
