// False negatives: a negative that is really a friend, and four ways to treat it.
(() => {
  "use strict";
  const { circle, show, percent, radians, sum } = cl;

  /**
   * Loss and gradient on the cosines under a treatment.
   * @param {string} how standard, mask, supervised or debiased
   */
  const treated = (how, tau, s, friends, prior) => {
    const logits = s.map((x) => x / tau);
    const push = (loss, onLogits) => ({ loss, onS: onLogits.map((x) => x / tau) });
    if (how === "debiased") {
      // Relative to the positive: its own share is taken off the mean of the negatives.
      const rest = logits.slice(1).map((x) => Math.exp(x - logits[0]));
      const floor = Math.exp(-1 / tau - logits[0]);
      const inside = (sum(rest) / rest.length - prior) / (1 - prior);
      const clamped = inside < floor;
      const g = Math.max(inside, floor);
      const total = 1 + rest.length * g;
      const onRest = rest.map((x) => (clamped ? 0 : x / (1 - prior) / total));
      const onFirst = clamped ? -(rest.length * g) / total : -sum(onRest);
      return { ...push(Math.log1p(rest.length * g), [onFirst, ...onRest]), clamped };
    }
    const gone = how === "mask" ? friends : [];
    const kept = logits.map((x, k) => (gone.includes(k) ? -Infinity : x));
    const p = cl.softmax(kept);
    if (how === "supervised") {
      const positives = [0, ...friends];
      const mean = sum(positives.map((k) => logits[k])) / positives.length;
      const onLogits = p.map((x, k) => x - (positives.includes(k) ? 1 / positives.length : 0));
      return { ...push(cl.logSumExp(logits) - mean, onLogits), clamped: false };
    }
    const loss = cl.infoNCE(s[0], s.filter((_, k) => k && !gone.includes(k)), tau);
    return { ...push(loss, [-sum(p.slice(1)), ...p.slice(1)]), clamped: false };
  };

  /** Angle between two gradients in degrees; exact where they almost agree. */
  const between = (a, b) => {
    const unit = (v) => {
      const length = Math.hypot(...v);
      return length ? v.map((x) => x / length) : undefined;
    };
    const [u, v] = [unit(a), unit(b)];
    if (!u || !v) return 0;
    const apart = Math.hypot(...u.map((x, k) => x - v[k]));
    return 2 * cl.degrees(Math.atan2(apart, Math.hypot(...u.map((x, k) => x + v[k]))));
  };

  const HOW = { standard: "Nothing is done about it", mask: "Masked, the friend is left out", supervised: "Supervised, the friend is a positive too", debiased: "Debiased, the expected share of friends is taken off" };

  const toggle = (element, k) => {
    const { f } = element.state;
    element.set({ f: f.includes(k) ? f.filter((old) => old !== k) : [...f, k].sort((a, b) => a - b) });
  };

  cl.define("cl-false", {
    key: "fn",
    state: {
      t: cl.temperature(),
      a: cl.angle(90),
      k: cl.list(cl.angle(0), [70, 100, 130, 200, 320], 2, 16),
      f: cl.list(cl.integer(1, 1, 15), [1], 0, 15),
      x: cl.choice("standard", "mask", "supervised", "debiased"),
      p: cl.number(0.1, 0, 0.9, { digits: 3 }),
      c: cl.number(10, 2, 10000, { log: true, digits: 3 }),
      m: cl.number(7, 1, 4096, { log: true, digits: 3 }),
    },

    /** Friends are negatives that exist; classes and negatives are whole numbers. */
    repair: (state) => ({
      ...state,
      f: [...new Set(state.f.filter((k) => k < state.k.length))].sort((a, b) => a - b),
      c: Math.round(state.c),
      m: Math.round(state.m),
    }),

    compute({ t, a, k, f, x, p, c, m }) {
      const s = k.map((key) => Math.cos(radians(key) - radians(a)));
      const plain = treated("standard", t, s, f, p);
      const now = treated(x, t, s, f, p);
      const force = ({ onS }) => sum(onS.map((g, n) => -g * Math.sin(radians(k[n]) - radians(a))));
      const w = cl.softmax(s.slice(1).map((y) => y / t));
      return {
        loss: now.loss, plainLoss: plain.loss, onS: now.onS, clamped: Number(now.clamped),
        p: cl.softmax(s.map((y) => y / t)), s,
        force: force(now), plainForce: force(plain),
        share: sum(f.map((n) => w[n - 1])),
        turn: between(plain.onS, now.onS),
        atLeastOne: -Math.expm1(m * Math.log1p(-1 / c)),
        expected: m / c,
      };
    },

    says({ f, x, t, c, m }, v) {
      const who = f.length ? `Of the push at temperature ${t}, ${percent(v.share)} falls on ${f.length === 1 ? "the friend" : `${f.length} friends`}.` : "No negative is marked as a friend.";
      const now = x === "standard" ? `${HOW[x]}.` : `${HOW[x]}: the loss goes from ${show(v.plainLoss, 3)} to ${show(v.loss, 3)}, and the gradient turns by ${show(v.turn, 1)} degrees.`;
      const clamp = v.clamped ? " The lower bound of the correction is in force." : "";
      return `${who} ${now}${clamp} Of ${m} random negatives among ${c} equal classes, at least one is a friend in ${percent(v.atLeastOne)} of cases.`;
    },

    rows({ k, f }, v) {
      return [
        ["Key", "Angle", "Friend", "Cosine", "Gradient"],
        ...k.map((key, n) => [cl.nameOf(n), `${key}°`, f.includes(n) ? "yes" : "", show(v.s[n], 4), show(v.onS[n], 4)]),
      ];
    },

    python: ({ t, a, k, f, x, p, c, m }) => {
      const keep = k.map((_, n) => n).filter((n) => n && !(x === "mask" && f.includes(n)));
      const text = `import math
import torch, infonce

angle = lambda degrees: torch.tensor(degrees, dtype=torch.float64).deg2rad()
tau, friends = ${t}, ${JSON.stringify(f)}
s = (angle(${JSON.stringify(k)}) - angle(${a})).cos()[None]  # the positive first
`;
      const loss = x === "supervised"
        ? `losses = [infonce.info_nce_from_similarity(s, torch.tensor([k]), temperature=tau) for k in [0, *friends]]
loss = sum(losses).item() / len(losses)`
        : x === "debiased"
          ? `prior, e = ${p}, ((s[0] - s[0, 0]) / tau).exp()
g = max((e[1:].mean() - prior) / (1 - prior), math.exp((-1 - s[0, 0]) / tau))
loss = math.log1p((len(e) - 1) * g)`
          : `loss = infonce.info_nce_from_similarity(s[:, ${JSON.stringify([0, ...keep])}], torch.tensor([0]), temperature=tau).item()`;
      return `${text}${loss}
print(repr(loss), repr(1 - (1 - 1 / ${c}) ** ${m}))`;
    },

    exports: () => ["loss", "atLeastOne"],

    draw(element, pen, width, height) {
      const { state, values: v } = element;
      const f = circle.frame(width, height);
      const a = radians(state.a);
      circle.scene(pen, f, { a: state.a, keys: state.k, p: v.p, friends: state.f });
      state.k.forEach((key, n) =>
        circle.arrow(pen, cl.nameOf(n), f, radians(key), 1.1, v.onS[n] * Math.sin(radians(key) - a), n ? "negative" : "positive"));
      if (state.x !== "standard") circle.arrow(pen, "ghost", f, a, 1.27, v.plainForce, "ghost");
      circle.arrow(pen, "anchor", f, a, 1.2, v.force, "anchor", true);
    },

    dragged: circle.dragged,

    pressed(element, name, key, turn) {
      const n = Number(name.slice(1));
      if (key.toLowerCase() !== "f" || !(n > 0)) return circle.pressed(element, name, key, turn);
      toggle(element, n);
      return true;
    },

    /** A key is removed: the friends behind it move up. */
    dropped: ({ f }, gone) => ({ f: f.filter((k) => k !== gone).map((k) => (k > gone ? k - 1 : k)) }),

    clicked: (element, name) => name !== "a" && name !== "k0" && toggle(element, Number(name.slice(1))),
  });
})();
